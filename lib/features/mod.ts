export { daily, type FeatureBuilders, featureBuilders, h4, trading } from "./builders.ts";
export type { ColumnOf, Feature, FeatureTimeframe } from "./feature.ts";
export { type FeatureCache, featureCache } from "./pipeline.ts";
export * from "./kernels.ts";
