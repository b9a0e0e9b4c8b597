import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { clientOrderId, isOurId } from "./client_order_id.ts";
import { exact } from "./exact.ts";
import {
  isDuplicate,
  isTerminal,
  mayFollow,
  observed,
  ORDER_STATES,
  type OrderProgress,
} from "./order_machine.ts";

const acked: OrderProgress = { state: "ACKED", quantity: "5", filled: "0" };

Deno.test("an order goes from acknowledged over partial to filled, whatever stale answers say between", () => {
  const partial = observed(acked, { status: "working", filled: "2" });
  deepStrictEqual(partial, { state: "PARTIAL", quantity: "5", filled: "2" });
  deepStrictEqual(observed(partial, { status: "working", filled: "0" }), partial);
  const filled = observed(partial, { status: "filled", filled: "5" });
  strictEqual(filled.state, "FILLED");
  deepStrictEqual(observed(filled, { status: "working", filled: "1" }), filled);
  deepStrictEqual(observed(filled, { status: "canceled", filled: "1" }), filled);
});

Deno.test("a cancelled order keeps its state when a late fill shows, and counts the fill", () => {
  const canceled = observed(acked, { status: "canceled", filled: "0" });
  deepStrictEqual(observed(canceled, { status: "canceled", filled: "1.5" }), {
    ...{ state: "CANCELED", quantity: "5", filled: "1.5" },
  });
});

Deno.test("property: no sequence of answers lets filled fall or a finished order change", () => {
  const answer = fc.record({
    status: fc.constantFrom("working", "filled", "canceled", "expired", "rejected" as const),
    filled: fc.integer({ min: 0, max: 5 }).map(String),
  });
  fc.assert(
    fc.property(fc.constantFrom(...ORDER_STATES), fc.array(answer), (state, answers) => {
      let known: OrderProgress = { ...acked, state };
      for (const seen of answers) {
        const next = observed(known, seen);
        ok(exact(next.filled).gte(exact(known.filled)));
        ok(next.state === known.state || mayFollow(known.state, next.state));
        if (isTerminal(known.state)) strictEqual(next.state, known.state);
        known = next;
      }
    }),
    { seed: 9, numRuns: 500 },
  );
});

Deno.test("an id tells purposes apart, is the same each time and legal everywhere", () => {
  const purpose = {
    ...{ accountNumber: "PA1", barCloseTime: 1_600_000_000_000, symbol: "BTC" },
    ...{ leg: "buy", attempt: 1 } as const,
  };
  const id = clientOrderId(purpose);
  strictEqual(id, clientOrderId({ ...purpose }));
  ok(isOurId(id) && id.length === 29, id);
  const others = [
    { accountNumber: "PA2" },
    { barCloseTime: 1 },
    { symbol: "ETH" },
    { attempt: 2 },
    {
      leg: "sell" as const,
    },
  ].map((change) => clientOrderId({ ...purpose, ...change }));
  strictEqual(new Set([id, ...others]).size, 6);
  ok(!isOurId("x-TKT5PX2F123") && !isOurId(""));
});

Deno.test("a refusal for an id that was seen before is told from other refusals", () => {
  const refused = (code: string, message: string) =>
    isDuplicate({ kind: "refused", code, message });
  ok(refused("40010001", "client_order_id must be unique"));
  ok(!refused("40010001", "qty is required"));
  ok(refused("-2010", "Duplicate order sent."));
  ok(!refused("-2010", "Account has insufficient balance"));
});
