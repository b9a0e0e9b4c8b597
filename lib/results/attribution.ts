import { type Millis, upperBound } from "../core/bars.ts";
import { formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import {
  heldAt,
  type HeldPosition,
  ordersOf,
  type RunOrder,
  type RunTrade,
  type Saw,
  sawBy,
} from "./position.ts";
import type { RunTable } from "./table_schemas.ts";

/** The tables that an attribution is read from; runs of earlier versions lack the last. */
export type AttributionTables =
  & {
    readonly [
      Name in
        | "nav"
        | "models"
        | "weights"
        | "orders"
        | "trades"
        | "bookings"
        | "attribution"
        | "risk"
    ]: RunTable<Name>;
  }
  & { readonly features?: RunTable<"features"> };

/** One model's part in a position: what it said, what became of it, and what it holds. Weights are shares of NAV. */
export interface ModelPart {
  readonly model: string;
  /** Share of its budget that it last asked for, and when; null before it first spoke. */
  readonly raw_weight: number | null;
  readonly raw_since: string | null;
  /** True while the quantity that `raw_weight` meant then stands for it. */
  readonly kept: boolean;
  readonly budget: number;
  readonly budget_since: string;
  readonly weight_before_risk: number;
  readonly weight_after_risk: number;
  /** When those two came about; null when it never wished anything. */
  readonly since: string | null;
  readonly stop: number | null;
  readonly limit: number | null;
  readonly confidence: number | null;
  readonly urgency: string | null;
  readonly horizon_hours: number | null;
  /** The features behind what it said last; null before it first spoke, and where the run does not tell. */
  readonly saw: Saw | null;
  readonly units: number;
  readonly value: number;
  /** Part of the account's units; null when it has none. */
  readonly share: number | null;
}

/** What one rule did to the net weight. */
export interface RiskStep {
  readonly rule: string;
  readonly before: number;
  readonly after: number;
  readonly since: string;
}

/** The way of a position from the models' wishes to what is held (FR-062). */
export interface Attribution {
  readonly symbol: string;
  readonly at: string;
  /** The newest decision by then: everything up to `target` is as it left it. */
  readonly decision_time: string;
  readonly mode: string;
  /** NAV and adjusted close known at the newest mark; units are worth `price`. */
  readonly mark_time: string;
  readonly nav: number;
  readonly price: number | null;
  readonly models: readonly ModelPart[];
  readonly weight_before_risk: number;
  /** In the order in which they applied; empty when no rule took anything. */
  readonly risk: readonly RiskStep[];
  readonly weight_after_risk: number;
  /** Net weight that the account is to have. */
  readonly target: number;
  /** Orders of the newest decision that had any for this asset, filled or not, even after `at`. */
  readonly orders: readonly RunOrder[];
  /** Fills that made the position, since it was last nothing. */
  readonly fills: readonly RunTrade[];
  readonly units: number;
  readonly value: number;
  readonly weight: number;
  readonly sums: readonly SumCheck[];
}

/** Two ways to the same number, which must agree within 1e-6 (SC-011). */
export interface SumCheck {
  readonly what: string;
  readonly parts: number;
  readonly whole: number;
  readonly agrees: boolean;
}

const TOLERANCE = 1e-6;

/**
 * How the position of `symbol` came about as of `at`, before any order that a decision at that very moment sends.
 * Refuses a moment outside the run and one at which nothing is held or wanted.
 */
export function attributionAt(
  tables: AttributionTables,
  { run, symbol, at }: { readonly run: string; readonly symbol: string; readonly at: Millis },
): Attribution {
  const { nav } = tables;
  const last = nav.time.length - 1;
  const mark = upperBound(nav.time, at) - 1;
  if (mark < 0 || at > nav.time[last]!) {
    throw new Refusal(
      `${formatTime(at)} is outside run ${run}, expected a time from ` +
        `${formatTime(nav.time[0]!)} to ${formatTime(nav.time[last]!)}`,
    );
  }
  const row = weightRow(tables.weights, { run, symbol, mark: nav.time[mark]!, at });
  const decision = Math.min(mark, last - 1); // the final mark decides nothing
  const place = { symbol, decision, decidedAt: nav.time[decision]! };
  const held = heldAt(tables, { symbol, at, markTime: nav.time[mark]! });
  const price = tables.weights.price[row]!;
  const models = modelParts(tables, place, { held, price });
  const before = total(models.map(({ weight_before_risk }) => weight_before_risk));
  const after = total(models.map(({ weight_after_risk }) => weight_after_risk));
  const risk = riskSteps(tables.risk, place, { before, after });
  const target = tables.weights.target_weight[row]!;
  const value = worth(held.units, price);
  return {
    symbol,
    at: formatTime(at),
    decision_time: formatTime(place.decidedAt),
    mode: nav.mode[mark]!,
    mark_time: formatTime(nav.time[mark]!),
    nav: nav.nav[mark]!,
    price: numberOrNull(price),
    models,
    weight_before_risk: before,
    risk,
    weight_after_risk: after,
    target,
    orders: ordersOf(tables, symbol, place.decidedAt),
    fills: held.fills,
    units: held.units,
    value,
    weight: value / nav.nav[mark]!,
    sums: sumChecks({ models, before, after, risk, target, held }),
  };
}

/** The row of the weights at a mark; refused when there is none, with the nearest times that have one. */
function weightRow(
  weights: AttributionTables["weights"],
  { run, symbol, mark, at }: { run: string; symbol: string; mark: Millis; at: Millis },
): number {
  let before: Millis | undefined;
  for (let row = 0; row < weights.time.length; row++) {
    if (weights.symbol[row] !== symbol) continue;
    const time = weights.time[row]!;
    if (time === mark) return row;
    if (time > mark) throw nothingHeld(before, time);
    before = time;
  }
  throw nothingHeld(before, undefined);

  function nothingHeld(before: Millis | undefined, after: Millis | undefined): NothingHeld {
    const nearest = [
      ...(before === undefined ? [] : [`last at ${formatTime(before)}`]),
      ...(after === undefined ? [] : [`next at ${formatTime(after)}`]),
    ];
    const when = nearest.length === 0 ? "it never is" : nearest.join(", ");
    return new NothingHeld(
      `Nothing of ${symbol} is held or wanted at ${formatTime(at)} in run ${run}: ${when}`,
    );
  }
}

/** There was no position and no wish for one: an answer for whoever asked in good faith. */
export class NothingHeld extends Refusal {}

interface Place {
  readonly symbol: string;
  readonly decision: number;
  readonly decidedAt: Millis;
}

function modelParts(
  tables: AttributionTables,
  { symbol, decision, decidedAt }: Place,
  { held, price }: { held: HeldPosition; price: number },
): readonly ModelPart[] {
  const { models, nav, attribution } = tables;
  const count = models.time.length / nav.time.length;
  return models.model.slice(0, count).map((model, place) => {
    const rows = wishRows(attribution, { model, symbol, decidedAt });
    const at = rows.newest;
    const known = (column: Float64Array) => at < 0 ? null : numberOrNull(column[at]!);
    const units = held.byModel.get(model) ?? 0;
    return {
      model,
      raw_weight: rows.spoken < 0 ? null : attribution.raw_weight[rows.spoken]!,
      raw_since: rows.spoken < 0 ? null : formatTime(attribution.time[rows.spoken]!),
      kept: at >= 0 && Number.isNaN(attribution.raw_weight[at]),
      ...budgetAt(tables, { place, count, decision }),
      weight_before_risk: known(attribution.weight_before_risk) ?? 0,
      weight_after_risk: known(attribution.weight_after_risk) ?? 0,
      since: at < 0 ? null : formatTime(attribution.time[at]!),
      stop: known(attribution.stop),
      limit: known(attribution.limit),
      confidence: known(attribution.confidence),
      urgency: attribution.urgency[at] || null,
      horizon_hours: known(attribution.horizon_hours),
      saw: sawBy(tables.features, { model, symbol, decidedAt }),
      units,
      value: worth(units, price),
      share: held.units === 0 ? null : units / held.units,
    };
  });
}

/** A model's newest row by a decision; the row in which it first gave the weight it gave last; -1 for none. */
function wishRows(
  { time, model, symbol, raw_weight }: AttributionTables["attribution"],
  wanted: { model: string; symbol: string; decidedAt: Millis },
): { newest: number; spoken: number } {
  let newest = -1;
  let spoken = -1;
  for (let row = 0; row < time.length && time[row]! <= wanted.decidedAt; row++) {
    if (model[row] !== wanted.model || symbol[row] !== wanted.symbol) continue;
    newest = row;
    const raw = raw_weight[row]!;
    if (!Number.isNaN(raw) && raw !== raw_weight[spoken]) spoken = row;
  }
  return { newest, spoken };
}

function budgetAt(
  { models, nav }: AttributionTables,
  { place, count, decision }: { place: number; count: number; decision: number },
) {
  const at = (mark: number) => models.budget[mark * count + place]!;
  let since = decision;
  while (since > 0 && at(since - 1) === at(decision)) since--;
  return { budget: at(decision), budget_since: formatTime(nav.time[since]!) };
}

/** The cuts in force. They are written when any of them changes, so that they stand until the net weight says otherwise. */
function riskSteps(
  { time, rule, symbol, before, after }: AttributionTables["risk"],
  place: Place,
  net: { before: number; after: number },
): readonly RiskStep[] {
  if (Math.abs(net.before - net.after) <= 1e-12) return [];
  const newest = time[upperBound(time, place.decidedAt) - 1];
  return rule.flatMap((name, row) =>
    time[row] === newest && symbol[row] === place.symbol
      ? [{ rule: name, before: before[row]!, after: after[row]!, since: formatTime(newest!) }]
      : []
  );
}

function sumChecks(found: {
  models: readonly ModelPart[];
  before: number;
  after: number;
  risk: readonly RiskStep[];
  target: number;
  held: HeldPosition;
}): readonly SumCheck[] {
  const { models, before, after, risk, target, held } = found;
  const units = total(models.map((part) => part.units));
  const steps = risk.reduce((weight, step) => weight + step.after - step.before, before);
  return [
    check("weights before risk and first rule", before, risk[0]?.before ?? before),
    check("weights before risk, less what rules took", steps, after),
    check("weights after risk and target", after, target),
    check("units of models and account", units, held.units),
  ];
}

/** Agreement is measured against the number itself where that is above 1. */
function check(what: string, parts: number, whole: number): SumCheck {
  const agrees = Math.abs(parts - whole) <= TOLERANCE * Math.max(1, Math.abs(whole));
  return { what, parts, whole, agrees };
}

function worth(units: number, price: number): number {
  return units === 0 ? 0 : units * price;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function numberOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
