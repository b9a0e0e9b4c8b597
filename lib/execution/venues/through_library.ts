import type { Line, Outgoing, Returned } from "./line.ts";

/** What a client library calls in place of `fetch`. */
export type FetchAs = (url: string | URL, outgoing?: Outgoing) => Promise<Response>;

/** Says why nothing may be sent any more, asked directly before an order leaves; undefined while it may. */
export type Guard = () => string | undefined;

/**
 * Lets a client library make one request over the line and hands back what came of it. What the library makes of the answer
 * is of no interest: it may lose a body, round a number or call an accepted order failed.
 */
export async function throughLibrary(
  line: Line,
  call: (fetchAs: FetchAs) => Promise<unknown>,
  guard?: Guard,
): Promise<Returned> {
  let requests = 0;
  let returned: Returned = { kind: "unsent", found: "a client library that sent nothing" };
  const fetchAs: FetchAs = async (url, outgoing = {}) => {
    if (++requests > 1) throw new Error("A call to a venue is one request"); // retries would buy twice
    const reason = guard?.();
    if (reason !== undefined) {
      returned = { kind: "unsent", found: reason };
      throw new Error(reason);
    }
    returned = { kind: "lost", found: "no answer yet" };
    returned = await line.send(String(url), outgoing);
    if (returned.kind !== "answer") throw new TypeError(returned.found);
    const { status, text } = returned;
    const body = status === 204 || status === 205 || status === 304 ? null : text;
    return new Response(body, {
      // The library need not know of other statuses, nor does Response take all of them.
      status: status >= 200 && status <= 599 ? status : 500,
      headers: { "content-type": "application/json" },
    });
  };
  try {
    await call(fetchAs);
  } catch {
    // Its errors hold URLs with signatures; `returned` says what there is to say.
  }
  return returned;
}
