import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { textWithin } from "./response_text.ts";

/** A body that comes in these pieces, and what became of it. */
function inPieces(pieces: readonly number[][]) {
  const told = { given: 0, isCancelled: false };
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const piece = pieces[told.given++];
      if (piece === undefined) controller.close();
      else controller.enqueue(Uint8Array.from(piece));
    },
    cancel: () => void (told.isCancelled = true),
  }, { highWaterMark: 0 });
  return { response: new Response(body), told };
}

Deno.test("textWithin() joins the pieces of a body, also in the middle of a letter", async () => {
  const { response } = inPieces([[0x35, 0xe2], [0x82], [0xac]]);
  strictEqual(await textWithin(response, 4), "5€");
  strictEqual(await textWithin(new Response(null), 0), "");
});

Deno.test("textWithin() stops reading a body that is longer than allowed", async () => {
  const { response, told } = inPieces([[65, 66], [67], [68]]);
  strictEqual(await textWithin(response, 2), undefined);
  deepStrictEqual(told, { given: 2, isCancelled: true });
});
