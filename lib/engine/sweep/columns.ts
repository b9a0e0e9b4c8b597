import type { FeatureCache } from "../../features/pipeline.ts";
import { type Model, ruleOf } from "../../models/model.ts";
import { combine, matrix } from "../../portfolio/combine.ts";
import { applyRules } from "../../risk/apply_rules.ts";
import type { Rule } from "../../risk/rules.ts";
import { exposureLimits, riskRules } from "../limits.ts";
import type { Market } from "../market.ts";
import type { Plan } from "../plan.ts";
import type { Pulse } from "../pulse.ts";
import { declaredFeatures, timeframeOf } from "../setup.ts";
import { oneAssetAccount } from "./one_asset_account.ts";
import type { TrialPath } from "./trial_row.ts";
import { type Wishes, wishReader } from "./wishes.ts";

/** A gear that decides for the whole clock at once and then walks the account from wish to wish. */
export interface ColumnGear {
  /**
   * What the event loop would make of the plan, bit for bit; undefined where it takes the loop to know, or to say what is
   * wrong. Holds until the next call.
   */
  path(plan: Plan, pulse?: Pulse): TrialPath | undefined;
}

/**
 * Whether decisions of a plan depend on nothing but columns, as far as the plan tells: one asset, one model whose rule sees
 * that asset only, no limit that watches the account, no regime in force.
 */
export function mayBeColumnar(plan: Plan, models: readonly Model[]): boolean {
  const [planned, ...others] = plan.models;
  const model = models.find(({ name }) => name === planned?.name);
  if (!planned || !model || others.length > 0 || plan.assets.length !== 1) return false;
  const { drawdown, perTradeRisk } = plan.risk;
  return ruleOf(model.decide) !== undefined && !model.shorts && drawdown.trigger === null &&
    drawdown.halt === null &&
    perTradeRisk === null && plan.cashRate === 0 &&
    isEmpty(plan.regimeBudgets) && isEmpty(plan.regimeLimits);
}

function isEmpty(record: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(record).length === 0;
}

/** A columnar gear on a market of one asset, for plans that differ from each other in their models only. */
export function columnGear(
  market: Market,
  models: readonly Model[],
  cache: FeatureCache,
): ColumnGear {
  const [asset] = market.assets;
  const account = oneAssetAccount(market);
  const limitsOf = remembered(exposureLimits);
  const rulesOf = remembered(riskRules);
  const readers = new Map<number, ReturnType<typeof wishReader>>();
  const readerOf = (maxMissing: number) => {
    let reader = readers.get(maxMissing);
    if (!reader) {
      reader = wishReader({
        symbol: asset!.asset.symbol,
        trading: market.assets[0]!.bars.timeframe,
        decisionTimes: market.decisionTimes,
        bars: (timeframe) => asset!.adjusted(timeframe).bars,
        join: (timeframe) => asset!.join(timeframe, maxMissing),
      }, cache);
      readers.set(maxMissing, reader);
    }
    return reader;
  };
  const wishesOf = (plan: Plan, pulse: Pulse | undefined): Wishes | undefined => {
    const planned = plan.models[0]!;
    const model = models.find(({ name }) => name === planned.name)!;
    pulse?.asking(0);
    try {
      if (model.schedule(planned.parameters) !== undefined) return undefined;
      // order: as the model declares them
      const features = Object.entries(declaredFeatures(model, planned))
        .map(([name, feature]) => ({ name, feature, timeframe: timeframeOf(feature, plan) }));
      const maxMissing = planned.missing === "ffill" ? plan.maxGapBars : 0;
      return readerOf(maxMissing).read(model, { parameters: planned.parameters, features, pulse });
    } catch {
      // Whatever a model throws, the loop meets it again, and tells it with the model's name and the decision.
      return undefined;
    } finally {
      pulse?.asking(-1);
      pulse?.at(-1);
    }
  };
  return {
    path(plan, pulse) {
      const wishes = wishesOf(plan, pulse);
      if (!wishes) return undefined;
      return account.walk(targetsOf(plan, wishes, rulesOf(plan)), {
        initialNav: plan.initialNav,
        threshold: plan.rebalanceThreshold,
        limits: limitsOf(plan),
      });
    },
  };
}

/** The wishes as the portfolio targets that risk leaves of them: the account's weight from each time on. */
function targetsOf(
  plan: Plan,
  { count, times, weights }: Wishes,
  rules: readonly Rule[],
): Wishes {
  const budget = plan.models[0]!.budgetFraction;
  let wish = 0;
  let target = 0;
  for (let i = 0; i < count; i++) {
    if (weights[i] !== wish) {
      wish = weights[i]!;
      target = targetOf(budget * wish, rules);
    }
    weights[i] = target;
  }
  return { count, times, weights };
}

const wanted = matrix(1, 1);
const net = new Float64Array(1);

function targetOf(weight: number, rules: readonly Rule[]): number {
  wanted.values[0] = weight;
  combine(wanted, net);
  applyRules(net, rules);
  return net[0]!;
}

/** What follows from a plan's assets and limits alone, which the trials of one sweep mostly share. */
function remembered<Result>(of: (plan: Plan) => Result): (plan: Plan) => Result {
  let last:
    | { readonly risk: unknown; readonly assets: unknown; readonly result: Result }
    | undefined;
  return (plan) => {
    if (last?.risk !== plan.risk || last.assets !== plan.assets) {
      last = { risk: plan.risk, assets: plan.assets, result: of(plan) };
    }
    return last.result;
  };
}
