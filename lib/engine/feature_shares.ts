import type { Timeframe } from "../core/bars.ts";
import { type FeatureCache, featureCache } from "../features/pipeline.ts";
import type { Model } from "../models/model.ts";
import { adjustedBars } from "./adjusted.ts";
import type { AssetData, Plan } from "./plan.ts";
import type { Pulse } from "./pulse.ts";
import { declaredFeatures, timeframeOf } from "./setup.ts";

/** A feature of one asset, computed ahead by another worker; its memory is its own, to be handed over. */
export interface ReadyColumn {
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly name: string;
  readonly column: Float64Array;
}

/** By model: the timeframes of bars that its features are computed on. */
export type DeclaredTimeframes = Readonly<Record<string, readonly Timeframe[]>>;

/** Which bars each model of a plan wants to see. Refuses a model that cannot say so. */
export function declaredTimeframes(
  plan: Plan,
  { models, pulse }: { models: readonly Model[]; pulse?: Pulse },
): DeclaredTimeframes {
  return Object.fromEntries(plan.models.map((planned, place) => {
    pulse?.asking(place);
    const model = models.find(({ name }) => name === planned.name)!;
    // order: as the model declares them
    const features = Object.values(declaredFeatures(model, planned));
    pulse?.asking(-1);
    const timeframes = new Set(features.map((feature) => timeframeOf(feature, plan)));
    return [planned.name, [...timeframes].sort()];
  }));
}

/** Every declared feature of these assets, for a plan that trades them and perhaps others. */
export function featureColumns(
  plan: Plan,
  data: readonly AssetData[],
  { models, pulse }: { models: readonly Model[]; pulse?: Pulse },
): readonly ReadyColumn[] {
  const cache = featureCache();
  return plan.models.flatMap((planned, place) => {
    pulse?.asking(place);
    const model = models.find(({ name }) => name === planned.name)!;
    // order: as the model declares them
    const features = Object.values(declaredFeatures(model, planned));
    pulse?.asking(-1);
    return data.filter(({ symbol }) => planned.universe.includes(symbol)).flatMap((asset) =>
      features.map((feature) => {
        const timeframe = timeframeOf(feature, plan);
        const { bars } = adjustedBars(asset, timeframe, plan.end);
        const column = cache.column(bars, feature).slice();
        return { symbol: asset.symbol, timeframe, name: feature.name, column };
      })
    );
  });
}

/** Puts columns that others computed where the run will look for them. */
export function useReadyColumns(
  cache: FeatureCache,
  columns: readonly ReadyColumn[],
  { plan, data }: { plan: Plan; data: readonly AssetData[] },
): void {
  const bySymbol = new Map(data.map((asset) => [asset.symbol, asset]));
  for (const { symbol, timeframe, name, column } of columns) {
    const { bars } = adjustedBars(bySymbol.get(symbol)!, timeframe, plan.end);
    cache.put(bars, name, column);
  }
}

/** Assets dealt out to `count` workers in turn; fewer shares when there are fewer assets. */
export function dealOut(data: readonly AssetData[], count: number): readonly AssetData[][] {
  const shares = Array.from({ length: Math.min(count, data.length) }, (): AssetData[] => []);
  data.forEach((asset, i) => shares[i % shares.length]!.push(asset));
  return shares;
}

/** The memory of columns, to be moved to another worker instead of copied. */
export function memoryOf(columns: readonly ReadyColumn[]): ArrayBuffer[] {
  return columns.map(({ column }) => column.buffer as ArrayBuffer);
}
