import { Refusal } from "../../core/errors.ts";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { Plan, PlannedModel } from "../../engine/plan.ts";
import type { Mode } from "../../execution/venues/mod.ts";
import { plannedAsset } from "../plan_of.ts";
import type { LoadedPlan } from "../load_plan.ts";

/** The part of a configuration that an account trades. */
export interface TradedPlan {
  /** As loaded, with the plan of what is traded in place of its own. */
  readonly loaded: LoadedPlan;
  /** One line for each model that does not run. */
  readonly leftOut: readonly string[];
  /** Hash of everything in the configuration that decides. */
  readonly configHash: string;
}

const STAGES: Readonly<Record<Mode, readonly string[]>> = {
  paper: ["candidate", "paper"],
  live: ["live"],
};

/**
 * The models whose stage may trade (FR-020, FR-021), on the assets of the account's venue. Refuses when none is left, and
 * shorts. Assets that models `held` before stay, so that they are marked, and sold. A halt is ended by an operator alone, interest is what the venue pays, and an order meets the next price there is.
 */
export function tradedPlan(
  loaded: LoadedPlan,
  mode: Mode,
  held: readonly string[] = [],
): TradedPlan {
  const { config, plan } = loaded;
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
    const reason = reasonToLeaveOut(loaded, model, mode);
    if (reason !== undefined) leftOut.push(`${model.name} is left out: ${reason}`);
    return reason === undefined ? [{ ...model, universe: tradedSymbols(loaded, model) }] : [];
  });
  if (models.length === 0) {
    throw new Refusal(
      `No model may trade in ${mode} mode: ${leftOut.join("; ")}; ` +
        `\`deno task models promote NAME --to ${mode}\` or lifecycle_stage in the configuration changes that`,
    );
  }
  const traded = new Set(models.flatMap(({ universe }) => universe));
  const { trading } = config;
  const own: Plan = {
    ...plan,
    models,
    assets: tradedAssets(loaded, [...new Set([...traded, ...held])].sort()),
    ...{ fill: "next_open", sizing: "decision_price", allowBorrowing: false, cashRate: 0 },
    risk: { ...plan.risk, drawdown: { ...plan.risk.drawdown, resumeDays: null } },
  };
  const { start: _start, end: _end, initialNav: _nav, ...decisive } = own;
  return {
    loaded: {
      ...loaded,
      plan: own,
      models: loaded.models.filter(({ name }) => models.some((model) => model.name === name)),
    },
    leftOut,
    configHash: sha256(canonicalJson({ decisive, venue: trading.venue, mode })),
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
  mode: Mode,
): string | undefined {
  const stage = loaded.config.models[model.name]!.lifecycle_stage;
  if (!STAGES[mode].includes(stage)) {
    return `its lifecycle_stage is ${stage}, expected ${STAGES[mode].join(" or ")}`;
  }
  if (tradedSymbols(loaded, model).length > 0) return undefined;
  const { venue } = loaded.config.trading;
  return `${venue} is the venue of none of its assets (${model.universe.join(", ")})`;
}

/** The built-in venue trades everything, a broker the assets whose venue it is. */
function tradedSymbols({ config }: LoadedPlan, { universe }: PlannedModel): readonly string[] {
  const { venue } = config.trading;
  return universe.filter((symbol) => venue === "paper" || config.assets[symbol]!.venue === venue);
}
