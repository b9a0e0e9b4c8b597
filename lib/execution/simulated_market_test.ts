import { strictEqual } from "node:assert/strict";
import { H4_MS } from "../core/bars.ts";
import { fillMoment, fillPrice, fillRow } from "./simulated_market.ts";
import { testMarket } from "./test_market.ts";

const bars = [[10, 12, 9, 11], [20, 22, 19, 21], undefined, [30, 32, 29, 31]] as const;
const lateMs = 90 * 60_000;

Deno.test("FR-039 next_open fills at the open of the bar that follows the decision", () => {
  const market = testMarket([{ bars, lateMs }]);
  const traded = market.assets[0]!;
  strictEqual([0, 1, 2].map((t) => fillRow(market, traded, t)).join(), "1,-1,2");
  strictEqual(fillPrice(market, traded, 1), 20);
  strictEqual(fillMoment(market, traded, 1), lateMs);
});

Deno.test("FR-039 same_close fills at the close of the bar that ended at the decision", () => {
  const market = testMarket([{ bars, lateMs }], { fill: "same_close" });
  const traded = market.assets[0]!;
  strictEqual([0, 1, 2].map((t) => fillRow(market, traded, t)).join(), "-1,1,-1");
  strictEqual(fillPrice(market, traded, 1), 21);
  strictEqual(fillMoment(market, traded, 1), H4_MS);
});
