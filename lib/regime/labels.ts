export type EquityLabel = "BULL" | "NEUTRAL" | "BEAR";
export type VolatilityLabel = "LOW" | "NORMAL" | "HIGH";
export type CryptoLabel = "RISK_ON" | "RISK_OFF";
export type MacroLabel = "EXPANSION" | "SLOWDOWN" | "RECESSION";

/** The four labels in force at one decision (FR-037). */
export interface RegimeLabels {
  readonly equity: EquityLabel;
  readonly volatility: VolatilityLabel;
  readonly crypto: CryptoLabel;
  readonly macro: MacroLabel;
}

/** One of the four questions that a regime answers. */
export type RegimeDimension = keyof RegimeLabels;

/** Labels by code: a timeline holds codes, this says what they mean. */
export const EQUITY_LABELS: readonly EquityLabel[] = ["BULL", "NEUTRAL", "BEAR"];
/** Labels by code. */
export const VOLATILITY_LABELS: readonly VolatilityLabel[] = ["LOW", "NORMAL", "HIGH"];
/** Labels by code. */
export const CRYPTO_LABELS: readonly CryptoLabel[] = ["RISK_ON", "RISK_OFF"];
/** Labels by code. */
export const MACRO_LABELS: readonly MacroLabel[] = ["EXPANSION", "SLOWDOWN", "RECESSION"];

/** Code of the label that stands in when nothing is known: NEUTRAL, NORMAL, RISK_OFF or SLOWDOWN. */
export const DEFAULT_CODE = 1;

/** Every key that `regime_budgets` and `regime_limits` may hold. */
export const REGIME_KEYS: readonly string[] = Object.freeze([
  ...EQUITY_LABELS.map((label) => key("equity", label)),
  ...VOLATILITY_LABELS.map((label) => key("vol", label)),
  ...CRYPTO_LABELS.map((label) => key("crypto", label)),
  ...MACRO_LABELS.map((label) => key("macro", label)),
]);

/** The keys in force under these labels, e.g. `["equity_bull", "vol_low", "crypto_risk_on", "macro_expansion"]`. */
export function keysOf(labels: RegimeLabels): readonly [string, string, string, string] {
  return [
    key("equity", labels.equity),
    key("vol", labels.volatility),
    key("crypto", labels.crypto),
    key("macro", labels.macro),
  ];
}

/** The labels of four codes: one frozen object for each of the 54 combinations, however often it is asked for. */
export function labelsOf(
  equity: number,
  volatility: number,
  crypto: number,
  macro: number,
): RegimeLabels {
  const { length: volatilities } = VOLATILITY_LABELS;
  const { length: cryptos } = CRYPTO_LABELS;
  const { length: macros } = MACRO_LABELS;
  return COMBINATIONS[((equity * volatilities + volatility) * cryptos + crypto) * macros + macro]!;
}

/** Every combination of labels, the last dimension turning fastest. */
const COMBINATIONS: readonly RegimeLabels[] = EQUITY_LABELS.flatMap((equity) =>
  VOLATILITY_LABELS.flatMap((volatility) =>
    CRYPTO_LABELS.flatMap((crypto) =>
      MACRO_LABELS.map((macro) => Object.freeze({ equity, volatility, crypto, macro }))
    )
  )
);

function key(prefix: string, label: string): string {
  return `${prefix}_${label.toLowerCase()}`;
}
