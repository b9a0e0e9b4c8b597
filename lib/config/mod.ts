export { configFingerprint, loadConfig, type LoadOptions } from "./load.ts";
export {
  type AssetConfig,
  type Config,
  configSchema,
  type ModelConfig,
  type ModelSchema,
  type RegimeLimit,
} from "./schema.ts";
