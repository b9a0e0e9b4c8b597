import { WARM_UP_REGIME } from "../models/proposer.ts";
import type { ExposureLimits } from "../portfolio/instructions.ts";
import type { Rule } from "../risk/rules.ts";
import { regimeBudgets } from "../core/regime_budgets.ts";
import type { RegimeRecord } from "../core/run_record.ts";
import {
  CRYPTO_LABELS,
  EQUITY_LABELS,
  keysOf,
  MACRO_LABELS,
  type RegimeLabels,
  type RegimeTimeline,
  VOLATILITY_LABELS,
} from "../regime/mod.ts";
import { exposureLimits, riskRules } from "./limits.ts";
import type { ExposureCaps, Plan } from "./plan.ts";

/** Budgets and caps in force at a decision. */
export interface RegimeSetting {
  /** Share of NAV by model, in the plan's order. */
  readonly budgets: Float64Array;
  readonly rules: readonly Rule[];
  readonly limits: ExposureLimits;
  readonly perTradeRisk: number | null;
}

/** The setting at each decision; the same object while the labels that matter stay. */
export type SettingAt = (index: number) => RegimeSetting;

/** The labels at each decision. */
export type LabelsAt = (index: number) => RegimeLabels;

/** The labels of a timeline; without one, those of warm-up. */
export function regimeLabels(regimes: RegimeTimeline | undefined): LabelsAt {
  return regimes ? regimes.labelsAt : () => WARM_UP_REGIME;
}

/** 1 at each decision where a label differs from the decision before. */
export function regimeChanges(
  { times, equity, volatility, crypto, macro }: RegimeTimeline,
): Uint8Array {
  const changed = new Uint8Array(times.length);
  for (const codes of [equity, volatility, crypto, macro]) {
    for (let t = 1; t < codes.length; t++) if (codes[t] !== codes[t - 1]) changed[t] = 1;
  }
  return changed;
}

/** The settings of a plan along its regimes; without regimes, or where nothing depends on them, always the same one. */
export function regimeSettings(plan: Plan, regimes: RegimeTimeline | undefined): SettingAt {
  const dependent =
    Object.keys(plan.regimeBudgets).length + Object.keys(plan.regimeLimits).length > 0;
  if (!regimes || !dependent) {
    const always = settingOf(plan, []);
    return () => always;
  }
  const made = new Map<RegimeLabels, RegimeSetting>();
  return (index) => {
    const labels = regimes.labelsAt(index);
    let setting = made.get(labels);
    if (!setting) made.set(labels, setting = settingOf(plan, keysOf(labels)));
    return setting;
  };
}

function settingOf(plan: Plan, keys: readonly string[]): RegimeSetting {
  const caps = keys.reduce(
    (tightest, key) => tighten(tightest, plan.regimeLimits[key] ?? {}),
    plan.risk as ExposureCaps,
  );
  const limited = { ...plan, risk: { ...plan.risk, ...caps } };
  return {
    budgets: regimeBudgets(plan, keys),
    rules: riskRules(limited),
    limits: exposureLimits(limited),
    perTradeRisk: caps.perTradeRisk,
  };
}

/** The lower of two caps, one by one; null is no cap. */
function tighten(caps: ExposureCaps, by: Partial<ExposureCaps>): ExposureCaps {
  // order: sorted where it is used
  const classes = new Set([...Object.keys(caps.classCaps), ...Object.keys(by.classCaps ?? {})]);
  return {
    perAssetCap: lower(caps.perAssetCap, by.perAssetCap),
    classCaps: Object.fromEntries(
      [...classes].sort().map((name) => [name, lower(caps.classCaps[name], by.classCaps?.[name])]),
    ),
    maxLeverage: lower(caps.maxLeverage, by.maxLeverage),
    maxNetLeverage: lower(caps.maxNetLeverage, by.maxNetLeverage),
    perTradeRisk: lower(caps.perTradeRisk, by.perTradeRisk),
  };
}

function lower(a: number | null | undefined, b: number | null | undefined): number | null {
  const least = Math.min(a ?? Infinity, b ?? Infinity);
  return least === Infinity ? null : least;
}

/** The timeline as a record keeps it: plain columns. */
export function regimeRecord(regimes: RegimeTimeline): RegimeRecord {
  const { equity, volatility, crypto, macro, defaults, inputs, notes } = regimes;
  return {
    labels: {
      equity: EQUITY_LABELS,
      volatility: VOLATILITY_LABELS,
      crypto: CRYPTO_LABELS,
      macro: MACRO_LABELS,
    },
    codes: { equity, volatility, crypto, macro },
    defaults,
    inputs,
    notes,
  };
}
