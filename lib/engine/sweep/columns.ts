import type { FeatureCache } from "../../features/pipeline.ts";
import { type Model, ruleOf } from "../../models/model.ts";
import { combine, matrix } from "../../portfolio/combine.ts";
import { applyRules } from "../../risk/apply_rules.ts";
import { exposureLimits, riskRules } from "../limits.ts";
import type { Market } from "../market.ts";
import type { Plan } from "../plan.ts";
import { declaredFeatures, timeframeOf } from "../setup.ts";
import { oneAssetAccount } from "./one_asset_account.ts";
import type { TrialPath } from "./trial_row.ts";
import { type Wishes, wishReader } from "./wishes.ts";

/** A gear that decides for the whole clock at once and then walks the account from wish to wish. */
export interface ColumnGear {
  /** What the event loop would make of the plan, bit for bit; undefined where it takes the loop to know. Holds until the next call. */
  path(plan: Plan): TrialPath | undefined;
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
  return ruleOf(model.decide) !== undefined && model.schedule(planned.parameters) === undefined &&
    !model.shorts && drawdown.trigger === null && drawdown.halt === null &&
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
  const readers = new Map<number, ReturnType<typeof wishReader>>();
  const readerOf = (maxMissing: number) => {
    let reader = readers.get(maxMissing);
    if (!reader) {
      reader = wishReader({
        symbol: asset!.asset.symbol,
        decisionTimes: market.decisionTimes,
        bars: (timeframe) => asset!.adjusted(timeframe).bars,
        join: (timeframe) => asset!.join(timeframe, maxMissing),
      }, cache);
      readers.set(maxMissing, reader);
    }
    return reader;
  };
  return {
    path(plan) {
      const planned = plan.models[0]!;
      const model = models.find(({ name }) => name === planned.name)!;
      const features = Object.fromEntries(
        // order: as the model declares them
        Object.entries(declaredFeatures(model, planned))
          .map(([name, feature]) => [name, { feature, timeframe: timeframeOf(feature, plan) }]),
      );
      const maxMissing = planned.missing === "ffill" ? plan.maxGapBars : 0;
      const wishes = readerOf(maxMissing)
        .read(model, planned.parameters, features, plan.timeframe);
      if (!wishes) return undefined;
      return account.walk(targetsOf(plan, wishes), {
        initialNav: plan.initialNav,
        threshold: plan.rebalanceThreshold,
        limits: exposureLimits(plan),
      });
    },
  };
}

/** The wishes as the portfolio targets that risk leaves of them: the account's weight from each time on. */
function targetsOf(plan: Plan, { count, times, weights }: Wishes): Wishes {
  const rules = riskRules(plan);
  const wanted = matrix(1, 1);
  const net = new Float64Array(1);
  const budget = plan.models[0]!.budgetFraction;
  for (let i = 0; i < count; i++) {
    wanted.values[0] = budget * weights[i]!;
    combine(wanted, net);
    applyRules(net, rules);
    weights[i] = net[0]!;
  }
  return { count, times, weights };
}
