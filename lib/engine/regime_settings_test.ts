import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import type { RunRecord } from "../core/run_record.ts";
import { featureCache } from "../features/mod.ts";
import { WARM_UP_REGIME } from "../models/proposer.ts";
import type { Model } from "../models/model.ts";
import {
  EQUITY_LABELS,
  type EquityLabel,
  type RegimeLabels,
  type RegimeTimeline,
} from "../regime/mod.ts";
import { closingAt, constantly, dataOf, NO_LIMITS, planWith, seat, tradable } from "./fixtures.ts";
import { runLoop } from "./loop.ts";
import { buildMarket, decisionTimes } from "./market.ts";
import type { Plan } from "./plan.ts";
import { regimeChanges, regimeSettings } from "./regime_settings.ts";
import { seatModels } from "./setup.ts";

const coin = tradable("AAA");

/** A timeline whose equity label is given decision by decision, the last one for ever. */
function timelineOf(plan: Plan, labels: readonly EquityLabel[]): RegimeTimeline {
  const times = decisionTimes(plan);
  const at = (index: number) => labels[Math.min(index, labels.length - 1)]!;
  const states = new Map<EquityLabel, RegimeLabels>(
    EQUITY_LABELS.map((equity) => [equity, Object.freeze({ ...WARM_UP_REGIME, equity })]),
  );
  const zeros = () => new Uint8Array(times.length);
  const equity = Uint8Array.from(times, (_, index) => EQUITY_LABELS.indexOf(at(index)));
  return {
    times,
    equity,
    volatility: zeros(),
    crypto: zeros(),
    macro: zeros(),
    defaults: { equity: zeros(), volatility: zeros(), crypto: zeros(), macro: zeros() },
    inputs: {} as RegimeTimeline["inputs"],
    notes: [],
    labelsAt: (index) => states.get(at(index))!,
  };
}

/** Two days at a price of 100 under these labels. */
function runUnder(labels: readonly EquityLabel[], plan: Plan, models: readonly Model[]): RunRecord {
  const data = [dataOf(closingAt(coin, "h4", plan.start - H4_MS, new Array(25).fill(100)))];
  const market = buildMarket(plan, data);
  const regimes = timelineOf(plan, labels);
  return runLoop(
    plan,
    market,
    seatModels(plan, models, { market, cache: featureCache(), regimes }),
  );
}

function tradesOf({ outcomes }: RunRecord): [number, number][] {
  return outcomes.flatMap((outcome) =>
    outcome.status === "filled" ? [[outcome.index, outcome.quantity] as [number, number]] : []
  );
}

const always = constantly("Always_v1", { AAA: 1 });
const weekly = constantly("Weekly_v1", { AAA: 1 }, { days: 1 });

Deno.test("FR-053 budgets switch with the regime, at the decision that sees the new label", () => {
  const plan = planWith([coin], [seat(always, { budgetFraction: 0.5 })], {
    regimeBudgets: { equity_bear: { Always_v1: 0.2 } },
    end: planWith([coin], []).start + 2 * DAY_MS,
  });
  const run = runUnder(["BULL", "BULL", "BULL", "BEAR", "BULL"], plan, [always]);
  deepStrictEqual(tradesOf(run), [[0, 5], [3, -3], [4, 3]]);
  deepStrictEqual([...run.budgets[0]!.subarray(0, 6)], [0.5, 0.5, 0.5, 0.2, 0.5, 0.5]);
});

Deno.test("FR-053 a kept quantity is scaled by new ÷ old budget, also through a budget of zero", () => {
  const plan = planWith([coin], [seat(weekly, { budgetFraction: 0.5 })], {
    regimeBudgets: { equity_bear: { Weekly_v1: 0.2 }, equity_neutral: { Weekly_v1: 0 } },
    end: planWith([coin], []).start + DAY_MS,
  });
  const run = runUnder(["BULL", "BULL", "BEAR", "NEUTRAL", "BULL"], plan, [weekly]);
  deepStrictEqual(tradesOf(run), [[0, 5], [2, -3], [3, -2], [4, 5]]);
});

Deno.test("FR-032 limits tighten by regime and are lifted again; each cut has its reason", () => {
  const plan = planWith([coin], [seat(always)], {
    risk: { ...NO_LIMITS, maxLeverage: 0.9 },
    regimeLimits: { equity_bear: { maxLeverage: 0.4 } },
    end: planWith([coin], []).start + DAY_MS,
  });
  const run = runUnder(["BULL", "BEAR", "BULL"], plan, [always]);
  deepStrictEqual(tradesOf(run), [[0, 9], [1, -5], [2, 5]]);
  deepStrictEqual(run.adjustments.map(({ index, rule, after }) => [index, rule, after]), [
    [0, "max_leverage", 0.9],
    [1, "max_leverage", 0.4],
    [2, "max_leverage", 0.9],
  ]);
});

Deno.test("FR-032 a regime can never loosen a limit, nor can its absence", () => {
  const plan = planWith([coin], [seat(always)], {
    risk: { ...NO_LIMITS, perAssetCap: 0.3 },
    regimeLimits: { equity_bear: { perAssetCap: 0.8, maxLeverage: null } },
  });
  const settingAt = regimeSettings(plan, timelineOf(plan, ["BEAR"]));
  strictEqual(settingAt(0).limits.asset, 0.3);
  strictEqual(settingAt(0).limits.gross, Infinity);
});

Deno.test("FR-037 settings are one object while the labels stay, and one for ever where nothing depends on them", () => {
  const plan = planWith([coin], [seat(always)], {
    regimeBudgets: { equity_bear: { Always_v1: 0.1 } },
  });
  const settingAt = regimeSettings(plan, timelineOf(plan, ["BULL", "BULL", "BEAR", "BULL"]));
  strictEqual(settingAt(0), settingAt(1));
  ok(settingAt(1) !== settingAt(2));
  strictEqual(settingAt(3), settingAt(0));
  const plain = regimeSettings({ ...plan, regimeBudgets: {} }, timelineOf(plan, ["BULL", "BEAR"]));
  strictEqual(plain(0), plain(1));
});

Deno.test("FR-037 changes of any label are marked at the decision that first sees them", () => {
  const plan = planWith([coin], [seat(always)], { end: planWith([coin], []).start + DAY_MS });
  const timeline = timelineOf(plan, ["BULL", "BULL", "BEAR", "BEAR", "BULL", "BULL"]);
  deepStrictEqual([...regimeChanges(timeline)], [0, 0, 1, 0, 1, 0]);
});
