import { Refusal } from "../../core/errors.ts";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { Plan, PlannedModel } from "../../engine/plan.ts";
import type { Mode } from "../../execution/venues/mod.ts";
import { plannedAsset } from "../plan_of.ts";
import type { Runnable } from "../lifecycle/stage_gate.ts";
import type { LoadedPlan } from "../load_plan.ts";

/** What the part that is traded is found by. */
export interface TradedQuestion {
  readonly mode: Mode;
  /** What the record of lifecycles lets run. */
  readonly gate: Runnable;
  /** Symbols that models held before: they stay, so that they are marked, and sold. */
  readonly held?: readonly string[];
}

/** The part of a configuration that an account trades. */
export interface TradedPlan {
  /** As loaded, with the plan of what is traded in place of its own. */
  readonly loaded: LoadedPlan;
  /** As it was configured, with every model. */
  readonly configured: LoadedPlan;
  /** One line for each model that does not run. */
  readonly leftOut: readonly string[];
  /** Names of the models that run by their configuration alone; see Runnable. */
  readonly asWritten: readonly string[];
  /** Hash of everything in the configuration that decides. */
  readonly configHash: string;
}

/**
 * The models that the gate lets run (FR-020, FR-021), on the assets of the account's venue. Refuses shorts, and when no
 * model is left and nothing is held that would have to be sold. A halt is ended by an operator alone, interest is what the
 * venue pays, and an order meets the next price there is.
 */
export function tradedPlan(
  loaded: LoadedPlan,
  { mode, gate, held = [] }: TradedQuestion,
): TradedPlan {
  const { plan } = loaded;
  if (!loaded.sealed) {
    throw new Refusal(
      "Cannot trade a model from outside the library: no fingerprint covers its code",
    );
  }
  if (plan.risk.allowShort) {
    throw new Refusal(`risk.allow_short: found true, expected false: ${mode} trading is long only`);
  }
  const leftOut: string[] = [];
  const models = plan.models.flatMap((model) => {
    const reason = reasonToLeaveOut(loaded, model, gate);
    if (reason !== undefined) leftOut.push(`${model.name} is left out: ${reason}`);
    return reason === undefined ? [{ ...model, universe: tradedSymbols(loaded, model) }] : [];
  });
  if (models.length === 0 && held.length === 0) {
    throw new Refusal(`No model may trade in ${mode} mode: ${leftOut.join("; ")}`);
  }
  const traded = new Set(models.flatMap(({ universe }) => universe));
  const own: Plan = {
    ...plan,
    models,
    assets: tradedAssets(loaded, [...new Set([...traded, ...held])].sort()),
    ...{ fill: "next_open", sizing: "decision_price", allowBorrowing: false, cashRate: 0 },
    risk: { ...plan.risk, drawdown: { ...plan.risk.drawdown, resumeDays: null } },
  };
  const asWritten = gate.asWritten.filter((name) => models.some((model) => model.name === name));
  return tradedOf({ ...loaded, plan: own }, { mode, leftOut, asWritten, configured: loaded });
}

/** The same with fewer models: what they hold is wanted by nobody from the next decision on, and sold. */
export function withoutTraded(
  traded: TradedPlan,
  gone: readonly { readonly model: string; readonly reason: string }[],
  mode: Mode,
): TradedPlan {
  const { loaded, leftOut, asWritten, configured } = traded;
  const stays = (name: string) => !gone.some(({ model }) => model === name);
  const models = loaded.plan.models.filter(({ name }) => stays(name));
  return tradedOf({ ...loaded, plan: { ...loaded.plan, models } }, {
    ...{ mode, configured },
    leftOut: [...leftOut, ...gone.map((one) => `${one.model} is left out: ${aboutIt(one)}`)],
    asWritten: asWritten.filter(stays),
  });
}

function tradedOf(
  loaded: LoadedPlan,
  { mode, ...rest }: Pick<TradedPlan, "leftOut" | "asWritten" | "configured"> & {
    readonly mode: Mode;
  },
): TradedPlan {
  const { plan, config: { trading: { venue } } } = loaded;
  const { start: _start, end: _end, initialNav: _nav, ...decisive } = plan;
  const models = loaded.models.filter(({ name }) => plan.models.some((one) => one.name === name));
  return {
    ...rest,
    loaded: { ...loaded, models },
    configHash: sha256(canonicalJson({ decisive, venue, mode })),
  };
}

function tradedAssets({ config }: LoadedPlan, symbols: readonly string[]): Plan["assets"] {
  return symbols.map((symbol) => {
    if (config.assets[symbol]) return plannedAsset(config, symbol);
    throw new Refusal(
      `assets: found no ${symbol}, of which models hold units in ${config.trading.account}: expected it until it is sold`,
    );
  });
}

function reasonToLeaveOut(
  loaded: LoadedPlan,
  model: PlannedModel,
  gate: Runnable,
): string | undefined {
  const refused = gate.refused.find((one) => one.model === model.name);
  if (refused !== undefined) return aboutIt(refused);
  if (tradedSymbols(loaded, model).length > 0) return undefined;
  const { venue } = loaded.config.trading;
  return `${venue} is the venue of none of its assets (${model.universe.join(", ")})`;
}

/** A reason that begins with the model's name, behind that name. */
function aboutIt({ model, reason }: { readonly model: string; readonly reason: string }): string {
  if (reason.startsWith(`${model}: `)) return reason.slice(model.length + 2);
  return reason.startsWith(`${model} `) ? `it ${reason.slice(model.length + 1)}` : reason;
}

/** The built-in venue trades everything, a broker the assets whose venue it is. */
function tradedSymbols({ config }: LoadedPlan, { universe }: PlannedModel): readonly string[] {
  const { venue } = config.trading;
  return universe.filter((symbol) => venue === "paper" || config.assets[symbol]!.venue === venue);
}
