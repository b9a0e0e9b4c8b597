export type { DailyHistory, RegimeData } from "./data.ts";
export type { RegimeNote } from "./dimension.ts";
export {
  CRYPTO_LABELS,
  type CryptoLabel,
  EQUITY_LABELS,
  type EquityLabel,
  keysOf,
  MACRO_LABELS,
  type MacroLabel,
  REGIME_KEYS,
  type RegimeDimension,
  type RegimeLabels,
  VOLATILITY_LABELS,
  type VolatilityLabel,
} from "./labels.ts";
export { DEFAULT_REGIME_RULES, type RegimeRules } from "./rules.ts";
export {
  REGIME_INPUTS,
  type RegimeInput,
  type RegimeTimeline,
  regimeTimeline,
  timelineBetween,
} from "./timeline.ts";
