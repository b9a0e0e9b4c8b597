import { DAY_MS, HOUR_MS } from "../core/bars.ts";
import type { DailyCloses } from "./data.ts";
import type { Dimension } from "./dimension.ts";
import { CRYPTO_LABELS } from "./labels.ts";
import type { RegimeRules } from "./rules.ts";
import { periodicLifetime } from "./source.ts";
import { trendRegime } from "./trend.ts";

const RISK_ON = CRYPTO_LABELS.indexOf("RISK_ON");
const RISK_OFF = CRYPTO_LABELS.indexOf("RISK_OFF");

/**
 * RISK_ON above the average with positive momentum, else RISK_OFF (FR-035). The hours missed are those since the end
 * of the last known day: with 48, two days without their bar, as with two sessions of an equity.
 */
export function cryptoRegime(
  decisions: Float64Array,
  closes: DailyCloses,
  { crypto, holding }: RegimeRules,
): Dimension {
  const dayEnds = closes.openTime.map((time) => time + DAY_MS);
  const lifetime = periodicLifetime(dayEnds, {
    everyMs: DAY_MS,
    holdMs: holding.crypto_hours * HOUR_MS - DAY_MS,
  });
  return trendRegime(decisions, closes, lifetime, {
    dimension: "crypto",
    symbol: "BTC",
    ...crypto,
    code: (aboveAverage, momentum) => aboveAverage > 0 && momentum > 0 ? RISK_ON : RISK_OFF,
  });
}
