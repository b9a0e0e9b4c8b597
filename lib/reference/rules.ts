import type { AssetClass } from "../core/asset.ts";
import { DAY_MS, type Millis } from "../core/bars.ts";
import { type Exact, exact, larger, ONE, total, ZERO } from "./exact.ts";
import type { Listing } from "./market.ts";
import type { Limits, Mistake, Settings } from "./settings.ts";
import type { Witness } from "./witness.ts";

/** Limits with the tightenings of the regime in force: the smaller of each pair. */
export function limitsInForce(settings: Settings, regimeKeys: readonly string[]): Limits {
  return regimeKeys.reduce<Limits>((limits, key) => {
    const tighter = settings.regimeLimits[key] ?? {};
    const classes = ["equity", "crypto"] as const;
    return {
      perAssetCap: tighterOf(limits.perAssetCap, tighter.perAssetCap),
      classCaps: Object.fromEntries(classes.flatMap((name) => {
        const cap = tighterOf(limits.classCaps[name] ?? null, tighter.classCaps?.[name]);
        return cap === null ? [] : [[name, cap]];
      })) as Partial<Record<AssetClass, number>>,
      maxLeverage: tighterOf(limits.maxLeverage, tighter.maxLeverage),
      maxNetLeverage: tighterOf(limits.maxNetLeverage, tighter.maxNetLeverage),
      perTradeRisk: tighterOf(limits.perTradeRisk, tighter.perTradeRisk),
    };
  }, settings.limits);
}

function tighterOf(own: number | null, regime: number | null | undefined): number | null {
  if (regime === null || regime === undefined) return own;
  return own === null ? regime : Math.min(own, regime);
}

/** One cap: the assets it covers, and by how much weights exceed it (not positive: kept). */
export interface Cap {
  readonly name: string;
  readonly members: readonly number[];
  readonly limit: Exact;
  readonly used: (weights: readonly Exact[]) => Exact;
  /** Whether it bounds longs against shorts, not their sizes. */
  readonly net: boolean;
}

/** Every cap in the order in which it acts: assets, classes, gross, net. */
export function caps(
  limits: Limits,
  listings: readonly Listing[],
  mistakes: ReadonlySet<Mistake>,
): Cap[] {
  const all = listings.map((_, index) => index);
  const grossOf = (members: readonly number[]) => (weights: readonly Exact[]) =>
    total(members.map((index) => weights[index]!.abs()));
  const result: Cap[] = [];
  const add = (name: string, members: readonly number[], limit: number | null, net = false) => {
    if (limit === null || members.length === 0) return;
    const gross = grossOf(members);
    const used = net ? (weights: readonly Exact[]) => total(weights).abs() : gross;
    result.push({ name, members, limit: exact(limit), used, net });
  };
  for (const index of all) add("asset_cap", [index], limits.perAssetCap);
  for (const name of ["equity", "crypto"] as const) {
    if (mistakes.has("no_class_cap")) continue;
    const members = all.filter((index) => listings[index]!.asset.assetClass === name);
    add("class_cap", members, limits.classCaps[name] ?? null);
  }
  add("gross_cap", all, limits.maxLeverage);
  add("net_cap", all, limits.maxNetLeverage, true);
  return result;
}

/** Weights with each cap in turn scaling what it covers in proportion. */
export function capped(weights: readonly Exact[], limits: readonly Cap[], witness: Witness) {
  return limits.reduce<readonly Exact[]>((current, { name, members, limit, used, net }) => {
    const use = used(current);
    if (use.lte(limit)) return current;
    witness.saw(name);
    if (net) return netCapped(current, use.minus(limit));
    return current.map((weight, index) =>
      members.includes(index) ? weight.times(limit).div(use) : weight
    );
  }, weights);
}

/** The side that is too large gives up the excess in proportion; scaling hedges too would not be taking away. */
function netCapped(weights: readonly Exact[], excess: Exact): readonly Exact[] {
  const net = total(weights);
  const isLarge = (weight: Exact) => weight.times(net).gt(0);
  const side = total(weights.filter(isLarge)).abs();
  return weights.map((weight) =>
    isLarge(weight) ? weight.times(side.minus(excess)).div(side) : weight
  );
}

/** Where the account stands against its highest NAV. */
export interface DrawdownState {
  readonly mode: "NORMAL" | "REDUCED" | "HALT";
  readonly peak: Exact;
  readonly haltedAt: Millis;
}

/** The mode at `time`, from the NAV known then. */
export function drawdownMode(
  state: DrawdownState,
  nav: Exact,
  time: Millis,
  settings: Settings,
  { witness, mistakes }: { witness: Witness; mistakes: ReadonlySet<Mistake> },
): DrawdownState {
  const peak = larger(state.peak, nav);
  if (state.mode === "HALT") {
    const { haltResumeDays } = settings;
    if (haltResumeDays === null || time < state.haltedAt + haltResumeDays * DAY_MS) {
      return { ...state, peak };
    }
    witness.saw("resumed");
    // With the old peak it would be halted again at once.
    return mistakes.has("halt_keeps_peak")
      ? { mode: "NORMAL", peak, haltedAt: NaN }
      : { mode: "NORMAL", peak: nav, haltedAt: NaN };
  }
  const drawdown = ONE.minus(nav.div(peak));
  const reaches = (threshold: number) => {
    witness.margin(drawdown.minus(threshold).abs());
    return drawdown.gte(threshold);
  };
  if (reaches(settings.drawdownHalt)) {
    witness.saw("halted");
    return { mode: "HALT", peak, haltedAt: time };
  }
  const floor = state.mode === "REDUCED" && !mistakes.has("recover_at_trigger")
    ? settings.drawdownRecover
    : settings.drawdownTrigger;
  const reduced = reaches(floor);
  if (reduced && state.mode === "NORMAL") witness.saw("reduced");
  if (!reduced && state.mode === "REDUCED") witness.saw("recovered");
  return { mode: reduced ? "REDUCED" : "NORMAL", peak, haltedAt: NaN };
}

/** What the mode leaves of the weights. */
export function inMode(weights: readonly Exact[], { mode }: DrawdownState, settings: Settings) {
  if (mode === "NORMAL") return weights;
  const factor = mode === "HALT" ? ZERO : exact(settings.deriskingFactor);
  return weights.map((weight) => weight.times(factor));
}
