import type { DailyCloses } from "./data.ts";
import type { Dimension } from "./dimension.ts";
import { DEFAULT_CODE, EQUITY_LABELS } from "./labels.ts";
import type { RegimeRules } from "./rules.ts";
import { sessionLifetime } from "./source.ts";
import { trendRegime } from "./trend.ts";

const BULL = EQUITY_LABELS.indexOf("BULL");
const BEAR = EQUITY_LABELS.indexOf("BEAR");

/** BULL above the average with positive momentum, BEAR below with negative, else NEUTRAL (FR-033); 0 is neither. */
export function equityRegime(
  decisions: Float64Array,
  closes: DailyCloses,
  { equity, holding }: RegimeRules,
): Dimension {
  const lifetime = sessionLifetime(closes.openTime, decisions.at(-1) ?? NaN, {
    sessions: holding.equity_sessions,
    delayMs: 0,
  });
  return trendRegime(decisions, closes, lifetime, {
    dimension: "equity",
    symbol: "SPY",
    ...equity,
    code(aboveAverage, momentum) {
      if (aboveAverage > 0 && momentum > 0) return BULL;
      return aboveAverage < 0 && momentum < 0 ? BEAR : DEFAULT_CODE;
    },
  });
}
