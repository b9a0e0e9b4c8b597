import type { Timeframe } from "../../core/bars.ts";
import type { Feature } from "../../features/feature.ts";
import type { FeatureCache } from "../../features/pipeline.ts";
import type { Model } from "../../models/model.ts";
import { adjustedBars } from "../adjusted.ts";
import type { ReadyColumn } from "../feature_shares.ts";
import type { AssetData, Plan } from "../plan.ts";
import { declaredFeatures, timeframeOf } from "../setup.ts";

/** One feature of one asset that several trials want. */
interface Wanted {
  readonly data: AssetData;
  readonly feature: Feature;
  readonly timeframe: Timeframe;
  uses: number;
}

/**
 * One worker's share of the features that at least two of these trials want, each computed once: the `share`-th of `of`. A
 * trial that cannot say what it wants is left to fail when its turn comes.
 */
export function sharedColumns(
  plans: readonly Plan[],
  { data, models, cache, share, of }: {
    readonly data: readonly AssetData[];
    readonly models: readonly Model[];
    readonly cache: FeatureCache;
    readonly share: number;
    readonly of: number;
  },
): readonly ReadyColumn[] {
  const wanted = new Map<string, Wanted>();
  for (const plan of plans) collect(plan, { data, models }, wanted);
  const keys = [...wanted].filter(([, { uses }]) => uses > 1).map(([key]) => key).sort();
  const [plan] = plans;
  return keys.filter((_, place) => place % of === share).map((key) => {
    const { data: asset, feature, timeframe } = wanted.get(key)!;
    const { bars } = adjustedBars(asset, timeframe, plan!.end);
    const column = cache.column(bars, feature);
    return { symbol: asset.symbol, timeframe, name: feature.name, column };
  });
}

function collect(
  plan: Plan,
  { data, models }: { readonly data: readonly AssetData[]; readonly models: readonly Model[] },
  wanted: Map<string, Wanted>,
): void {
  for (const planned of plan.models) {
    const model = models.find(({ name }) => name === planned.name)!;
    const features = declared(model, planned);
    for (const feature of features) {
      const timeframe = timeframeOf(feature, plan);
      for (const asset of data) {
        if (!planned.universe.includes(asset.symbol)) continue;
        const key = `${asset.symbol}/${timeframe}/${feature.name}`;
        const known = wanted.get(key);
        if (known) known.uses++;
        else wanted.set(key, { data: asset, feature, timeframe, uses: 1 });
      }
    }
  }
}

function declared(model: Model, planned: Plan["models"][number]): readonly Feature[] {
  try {
    return Object.values(declaredFeatures(model, planned)); // order: as the model declares them
  } catch {
    return [];
  }
}
