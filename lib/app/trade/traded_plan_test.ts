import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { loadPlan } from "../load_plan.ts";
import { tradedPlan } from "./traded_plan.ts";

const PAPER = "models.EquityTrendModel_v1.lifecycle_stage=paper";

Deno.test("FR-020 paper trades candidate and paper models, the others are left out with a reason", async () => {
  const candidate = "models.IndexMeanReversionModel_v1.lifecycle_stage=candidate";
  const { loaded, leftOut } = tradedPlan(await loadPlan([], { sets: [PAPER, candidate] }), "paper");
  deepStrictEqual(loaded.plan.models.map(({ name }) => name), [
    "EquityTrendModel_v1",
    "IndexMeanReversionModel_v1",
  ]);
  deepStrictEqual(loaded.plan.assets.map(({ symbol }) => symbol), ["QQQ", "SPY"]);
  deepStrictEqual(leftOut, [
    "CryptoMomentumModel_v1 is left out: its lifecycle_stage is research, expected candidate or paper",
  ]);
});

Deno.test("FR-021 live trades live models alone", async () => {
  const loaded = await loadPlan([], { sets: [PAPER] });
  throws(() => tradedPlan(loaded, "live"), /No model may trade in live mode: .*--to live/);
});

Deno.test("a broker trades the assets whose venue it is", async () => {
  const crypto = "models.CryptoMomentumModel_v1.lifecycle_stage=paper";
  const sets = [PAPER, crypto, "trading.venue=alpaca"];
  const { loaded, leftOut } = tradedPlan(await loadPlan([], { sets }), "paper");
  deepStrictEqual(loaded.plan.models.map(({ name }) => name), ["EquityTrendModel_v1"]);
  strictEqual(
    leftOut[0],
    "CryptoMomentumModel_v1 is left out: alpaca is the venue of none of its assets (BTC, ETH)",
  );
});

Deno.test("shorts are refused, a halt is for an operator to end", async () => {
  const short = await loadPlan([], { sets: [PAPER, "risk.allow_short=true"] });
  throws(() => tradedPlan(short, "paper"), /^Refusal: risk\.allow_short: found true/);
  const { loaded } = tradedPlan(await loadPlan([], { sets: [PAPER] }), "paper");
  strictEqual(loaded.plan.risk.drawdown.resumeDays, null);
});
