import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import type { Mode } from "../../execution/venues/mod.ts";
import { simulate } from "../../engine/simulate.ts";
import { loadData } from "../load_data.ts";
import { loadPlan } from "../load_plan.ts";
import { gateOf } from "./model_watch.ts";
import { tradedPlan, withoutTraded } from "./traded_plan.ts";

const PAPER = "models.EquityTrendModel_v1.lifecycle_stage=paper";

/** What is traded where nothing was ever promoted. */
async function traded(sets: readonly string[], mode: Mode = "paper", held: readonly string[] = []) {
  const loaded = await loadPlan([], { sets });
  const gate = await gateOf(loaded, { mode, lifecycle: { resultsRoot: "nowhere/results" } });
  return tradedPlan(loaded, { mode, gate, held });
}

Deno.test("FR-020 a rehearsal trades models written as candidate and paper, the others are left out with a reason", async () => {
  const candidate = "models.IndexMeanReversionModel_v1.lifecycle_stage=candidate";
  const { loaded, leftOut, asWritten } = await traded([PAPER, candidate]);
  const names = ["EquityTrendModel_v1", "IndexMeanReversionModel_v1"];
  deepStrictEqual(loaded.plan.models.map(({ name }) => name), names);
  deepStrictEqual(asWritten, names);
  deepStrictEqual(loaded.plan.assets.map(({ symbol }) => symbol), ["QQQ", "SPY"]);
  strictEqual(leftOut.length, 1);
  match(
    leftOut[0]!,
    /^CryptoMomentumModel_v1 is left out: it is at research, paper trading runs candidate and paper models; deno task models promote/,
  );
});

Deno.test("FR-020 at a broker the record alone counts, on this machine it is a rehearsal", async () => {
  const alpaca = [PAPER, "trading.venue=alpaca"];
  await rejects(
    traded(alpaca),
    /^Refusal: No model may trade in paper mode: .*EquityTrendModel_v1 is left out: the configuration says paper, the record says research: .*--mend/,
  );
  const own = "brokers.alpaca.trading_url=https://paper-api.alpaca.markets";
  await rejects(traded([...alpaca, own]), /No model may trade in paper mode/);
  const loopback = "brokers.alpaca.trading_url=http://127.0.0.1:8080";
  deepStrictEqual((await traded([...alpaca, loopback])).asWritten, ["EquityTrendModel_v1"]);
  await rejects(traded([PAPER, "trading.paper_prices=live"]), /No model may trade in paper mode/);
});

Deno.test("FR-021 live trades live models alone, and by the record wherever the broker is", async () => {
  await rejects(traded([PAPER], "live"), /No model may trade in live mode: .*--to candidate/);
  const live = "models.EquityTrendModel_v1.lifecycle_stage=live";
  const loopback = "brokers.alpaca.trading_url=http://127.0.0.1:8080";
  await rejects(
    traded([live, "trading.venue=alpaca", loopback], "live"),
    /No model may trade in live mode: .*says live, the record says research/,
  );
});

Deno.test("a broker trades the assets whose venue it is", async () => {
  const crypto = "models.CryptoMomentumModel_v1.lifecycle_stage=paper";
  const loopback = "brokers.alpaca.trading_url=http://127.0.0.1:8080";
  const { loaded, leftOut } = await traded([PAPER, crypto, "trading.venue=alpaca", loopback]);
  deepStrictEqual(loaded.plan.models.map(({ name }) => name), ["EquityTrendModel_v1"]);
  strictEqual(
    leftOut[0],
    "CryptoMomentumModel_v1 is left out: alpaca is the venue of none of its assets (BTC, ETH)",
  );
});

Deno.test("without a model, what models still hold is traded until it is sold", async () => {
  const { loaded } = await traded([], "paper", ["SPY"]);
  deepStrictEqual(loaded.plan.models, []);
  deepStrictEqual(loaded.plan.assets.map(({ symbol }) => symbol), ["SPY"]);
});

Deno.test("shorts are refused, a halt is for an operator to end", async () => {
  await rejects(
    traded([PAPER, "risk.allow_short=true"]),
    /^Refusal: risk\.allow_short: found true/,
  );
  const { loaded } = await traded([PAPER]);
  strictEqual(loaded.plan.risk.drawdown.resumeDays, null);
});

Deno.test("FR-022 a model that is taken out wants nothing any more, whatever regime raises its budget", async () => {
  const [equity, crypto] = ["EquityTrendModel_v1", "CryptoMomentumModel_v1"];
  const bull = `regime_budgets.equity_bull={${equity}: 0.4, ${crypto}: 0.3}`;
  const before = await traded([PAPER, `models.${crypto}.lifecycle_stage=paper`, bull]);
  const gone = [{ model: crypto, reason: `${crypto}: enough` }];
  const after = withoutTraded(before, gone, "paper");
  const fills = async ({ loaded }: typeof before) => {
    const { plan } = await loadPlan([], { start: "2024-02-01", end: "2024-02-15" });
    const days = { ...loaded.plan, start: plan.start, end: plan.end };
    const { assets: data, regimes } = await loadData({ ...loaded, plan: days });
    const { outcomes } = simulate({ plan: days, data, regimes: regimes.data }, loaded.models);
    return new Set(outcomes.map(({ asset }) => days.assets[asset]!.symbol));
  };
  const [all, left] = [await fills(before), await fills(after)];
  deepStrictEqual([...all].sort(), ["BTC", "ETH", "QQQ", "SPY"]);
  deepStrictEqual([...left].sort(), ["QQQ", "SPY"]);
  deepStrictEqual(after.leftOut.at(-1), `${crypto} is left out: enough`);
  strictEqual(after.configHash === before.configHash, false);
});
