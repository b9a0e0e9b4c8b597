import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type Display, inPlace, type Kernel, kernel, progress } from "./notebook.ts";

interface Sent {
  readonly kind: string;
  readonly data: Display;
  readonly id: string;
}

/** A kernel that keeps what it is told to show. */
function fakeKernel(): { readonly notebook: Kernel; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    notebook: {
      broadcast(kind, { data, transient }) {
        sent.push({ kind, data, id: transient.display_id });
        return Promise.resolve();
      },
    },
  };
}

Deno.test("outside a notebook there is no kernel, and showing something is silent", async () => {
  strictEqual(kernel(), undefined);
  await inPlace().show("nothing is heard of it");
  await progress("Backtest").end("done");
});

Deno.test("a place shows one thing, then the next in its stead", async () => {
  const { notebook, sent } = fakeKernel();
  const [first, second] = [inPlace(notebook), inPlace(notebook)];
  await first.show("one");
  await second.show("other");
  const chart = { [Symbol.for("Jupyter.display")]: () => ({ "image/svg+xml": "<svg/>" }) };
  await first.show(chart);
  deepStrictEqual(sent.map(({ kind }) => kind), [
    "display_data",
    "display_data",
    "update_display_data",
  ]);
  strictEqual(sent[0]!.id, sent[2]!.id);
  ok(sent[0]!.id !== sent[1]!.id);
  deepStrictEqual(sent[2]!.data, { "image/svg+xml": "<svg/>" });
});

Deno.test("progress tells at most ten times a second, in order, and has a last word", async () => {
  const { notebook, sent } = fakeKernel();
  let now = 0;
  const bar = progress("Runs <1>", { place: inPlace(notebook), clock: { elapsed: () => now } });
  for (let done = 0; done < 1000; done++) {
    now = done;
    bar.show(done, 1000);
  }
  bar.show(1, 0); // nothing to do is no share of anything
  await bar.end("Run 0123 · computed");
  const texts = sent.map(({ data }) => data["text/plain"]);
  deepStrictEqual(texts.slice(0, 3), ["Runs <1> 0%", "Runs <1> 10%", "Runs <1> 20%"]);
  deepStrictEqual([texts.length, texts.at(-1)], [11, "Run 0123 · computed"]);
  ok(String(sent[0]!.data["text/html"]).includes("Runs &lt;1> 0%"));
});
