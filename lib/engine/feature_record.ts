import type { FeatureRecord, WishRecord } from "../core/run_record.ts";
import type { Plan } from "./plan.ts";
import { type SeatedModel, timeframeOf } from "./setup.ts";

/** What each model saw as it spoke: its features at those of these wishes that are its own. */
export function featureRecords(
  plan: Pick<Plan, "timeframe">,
  models: readonly SeatedModel[],
  spoken: readonly WishRecord[],
): readonly FeatureRecord[] {
  return models.map(({ features, places, columns }, place): FeatureRecord => {
    // order: as the model declares them
    const names = Object.entries(features).map(([name, feature]) => ({
      name,
      definition: `${timeframeOf(feature, plan)}.${feature.name}`,
    }));
    const own = models.length === 1 ? spoken : spoken.filter(({ model }) => model === place);
    const indexes = new Int32Array(own.length);
    const assets = new Int32Array(own.length);
    const values = new Float64Array(own.length * names.length);
    // Plain loops: a benchmark may speak at every decision.
    for (let row = 0, at = 0; row < own.length; row++) {
      const { index, asset } = own[row]!;
      const seen = columns[places.indexOf(asset)]!;
      indexes[row] = index;
      assets[row] = asset;
      for (let name = 0; name < seen.length; name++) values[at++] = seen[name]!.joined[index]!;
    }
    return { names, indexes, assets, values };
  });
}
