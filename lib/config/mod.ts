export { assigner, assignmentCheck } from "./assign.ts";
export { configFingerprint, loadConfig, type LoadOptions } from "./load.ts";
export {
  type AssetConfig,
  type Config,
  configSchema,
  type ModelConfig,
  type ModelSchema,
  type RegimeLimit,
} from "./schema.ts";
export type { LifecycleSettings } from "./lifecycle_schema.ts";
export { type LoadedSearch, loadSearch } from "./search.ts";
export { searchSpaceOf } from "./search_space_of.ts";
export { findStage, type StagePlace, withStage } from "./stage_place.ts";
export { configText, type Provenance } from "./write.ts";
export type {
  EvolutionSettings,
  HalvingSettings,
  OptimizationSettings,
  SearchSettings,
  ValidationSettings,
} from "./experiment_schema.ts";
