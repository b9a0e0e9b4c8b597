import type { Series } from "../core/bars.ts";
import { momentum, rollingStd } from "../features/mod.ts";
import { type DailyCloses, observations } from "./data.ts";
import { type Dimension, notesOf, sourceNotes } from "./dimension.ts";
import { DEFAULT_CODE, VOLATILITY_LABELS } from "./labels.ts";
import type { RegimeRules } from "./rules.ts";
import { FRESH, isUsable, type Known, knownAt, seen, sessionLifetime, UNKNOWN } from "./source.ts";

const LOW = VOLATILITY_LABELS.indexOf("LOW");
const NORMAL = VOLATILITY_LABELS.indexOf("NORMAL");
const HIGH = VOLATILITY_LABELS.indexOf("HIGH");

/** A session's VIX is published this long after its close. */
const VIX_DELAY_MS = 15 * 60_000;

/**
 * LOW, NORMAL or HIGH by the VIX (FR-034), in whose place realised volatility stands for as long as no VIX has ever
 * been known: so a VIX file that arrives later changes no label before its own first day. A VIX that ends is held, then
 * gives way to the default; it does not fall back to realised volatility, whose level differs.
 */
export function volatilityRegime(
  decisions: Float64Array,
  { vix, closes }: { vix: Series | undefined; closes: DailyCloses },
  { volatility, holding }: RegimeRules,
): Dimension {
  const index = observations(vix);
  const sessions = holding.volatility_sessions;
  const lastDecision = decisions.at(-1) ?? NaN;
  const knownIndex = knownAt(decisions, {
    availableAt: index.availableAt,
    ...sessionLifetime(index.date, lastDecision, { sessions, delayMs: VIX_DELAY_MS }),
    warmRow: 0,
  });
  const knownClose = knownAt(decisions, {
    availableAt: closes.availableAt,
    ...sessionLifetime(closes.openTime, lastDecision, { sessions, delayMs: 0 }),
    warmRow: volatility.realised,
  });
  const vixSeen = seen(index.value, knownIndex);
  const realised = realisedVolatility(closes.close, volatility.realised);
  const realisedSeen = seen(realised, knownClose);

  const codes = new Uint8Array(decisions.length).fill(DEFAULT_CODE);
  const defaults = new Uint8Array(decisions.length).fill(1);
  for (let i = 0; i < codes.length; i++) {
    const hasIndex = knownIndex.states[i] !== UNKNOWN;
    if (!isUsable((hasIndex ? knownIndex : knownClose).states[i]!)) continue;
    const points = (hasIndex ? vixSeen : realisedSeen)[i]!;
    codes[i] = points < volatility.low ? LOW : points > volatility.high ? HIGH : NORMAL;
    defaults[i] = 0;
  }
  const inputs = { vix: vixSeen, realised_volatility: realisedSeen };
  return { codes, defaults, inputs, notes: volatilityNotes(knownIndex, knownClose) };
}

/** Sample deviation of the last `n` simple daily returns, in percent a year of 252 sessions. */
function realisedVolatility(close: Float64Array, n: number): Float64Array {
  const deviation = rollingStd(momentum(close, 1), n, { sample: true });
  const percentPerYear = Math.sqrt(252) * 100;
  return deviation.map((value) => value * percentPerYear);
}

function volatilityNotes(index: Known, close: Known) {
  const standsIn = close.states.map((state, i) => index.states[i] === UNKNOWN ? state : FRESH);
  return [
    ...notesOf("volatility", index.states, {
      ...sourceNotes("VIX"),
      [UNKNOWN]: { kind: "substitute", reason: "no VIX is known: realised volatility of SPY" },
    }),
    ...notesOf("volatility", standsIn, sourceNotes("daily close of SPY")),
  ];
}
