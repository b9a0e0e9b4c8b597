import { DAY_MS, HOUR_MS, type Millis, type Series } from "../core/bars.ts";
import { sessionsBetween } from "../core/calendar.ts";
import type { DailyHistory, RegimeData, RegimeLabels, RegimeRules } from "./mod.ts";

/** One day's value, and when it was known. */
interface Day {
  readonly date: Millis;
  readonly known: Millis;
  readonly value: number;
}

type Answer<Label> = { readonly label: Label; readonly isDefault: boolean };

/** The labels that a patient reader of the requirements would write down at `time` (SC-005). */
export type Labeller = (
  time: Millis,
) => { readonly [Key in keyof RegimeLabels]: Answer<RegimeLabels[Key]> };

/** The second opinion on regimes: one moment at a time, from the sentences of FR-033 to FR-036 and nothing of lib/regime. */
export function naiveLabeller(data: RegimeData, rules: RegimeRules): Labeller {
  const spy = days(data.equity);
  const btc = days(data.crypto);
  const vix = publications(data.vix);
  const pmi = publications(data.pmi);
  const tens = publications(data.tenYear);
  const twos = new Map(publications(data.twoYear).map((day) => [day.date, day]));
  const curve = tens.flatMap(({ date, known, value }) => {
    const two = twos.get(date);
    return two ? [{ date, known: Math.max(known, two.known), value: value - two.value }] : [];
  });
  return (time) => ({
    equity: equityAt(time, until(spy, time), rules),
    volatility: volatilityAt(time, until(vix, time), until(spy, time), rules),
    crypto: cryptoAt(time, until(btc, time), rules),
    macro: macroAt(time, until(pmi, time), until(curve, time), rules),
  });
}

function equityAt(
  time: Millis,
  known: readonly Day[],
  { equity, holding }: RegimeRules,
): Answer<RegimeLabels["equity"]> {
  const unknown = { label: "NEUTRAL", isDefault: true } as const;
  if (known.length < equity.average || known.length < equity.momentum + 1) return unknown;
  if (missedSessions(time, known.at(-1)!, 0) >= holding.equity_sessions) return unknown;
  const close = known.at(-1)!.value;
  const average = mean(known, equity.average);
  const before = known.at(-1 - equity.momentum)!.value;
  const isBull = close > average && close > before;
  const isBear = close < average && close < before;
  return { label: isBull ? "BULL" : isBear ? "BEAR" : "NEUTRAL", isDefault: false };
}

function volatilityAt(
  time: Millis,
  vix: readonly Day[],
  spy: readonly Day[],
  { volatility, holding }: RegimeRules,
): Answer<RegimeLabels["volatility"]> {
  const unknown = { label: "NORMAL", isDefault: true } as const;
  const named = (points: number) => {
    const label = points < volatility.low ? "LOW" : points > volatility.high ? "HIGH" : "NORMAL";
    return { label, isDefault: false } as const;
  };
  const newest = vix.at(-1);
  if (newest) {
    const missed = missedSessions(time, newest, 15 * 60_000);
    return missed >= holding.volatility_sessions ? unknown : named(newest.value);
  }
  const closes = spy.slice(-volatility.realised - 1).map(({ value }) => value);
  if (closes.length <= volatility.realised) return unknown;
  if (missedSessions(time, spy.at(-1)!, 0) >= holding.volatility_sessions) return unknown;
  const returns = closes.slice(1).map((close, i) => (close - closes[i]!) / closes[i]!);
  const middle = returns.reduce((sum, one) => sum + one, 0) / returns.length;
  const squares = returns.reduce((sum, one) => sum + (one - middle) ** 2, 0);
  return named(Math.sqrt(squares / (returns.length - 1)) * Math.sqrt(252) * 100);
}

function cryptoAt(
  time: Millis,
  known: readonly Day[],
  { crypto, holding }: RegimeRules,
): Answer<RegimeLabels["crypto"]> {
  const unknown = { label: "RISK_OFF", isDefault: true } as const;
  if (known.length < crypto.average || known.length < crypto.momentum + 1) return unknown;
  const lastDayEnded = known.at(-1)!.date + DAY_MS;
  if (time - lastDayEnded >= holding.crypto_hours * HOUR_MS) return unknown;
  const close = known.at(-1)!.value;
  const before = known.at(-1 - crypto.momentum)!.value;
  const isOn = close > mean(known, crypto.average) && close > before;
  return { label: isOn ? "RISK_ON" : "RISK_OFF", isDefault: false };
}

function macroAt(
  time: Millis,
  pmi: readonly Day[],
  curve: readonly Day[],
  { macro, holding }: RegimeRules,
): Answer<RegimeLabels["macro"]> {
  const unknown = { label: "SLOWDOWN", isDefault: true } as const;
  const last = curve.slice(-macro.inverted_observations);
  if (last.length < macro.inverted_observations) return unknown;
  // A yield is due four days after the one before at the latest, a PMI five weeks.
  if (time >= last.at(-1)!.known + (4 + holding.macro_days) * DAY_MS) return unknown;
  const index = pmi.at(-1);
  if (index && time >= index.known + (35 + holding.macro_days) * DAY_MS) return unknown;
  if (index && index.value > macro.pmi && last.at(-1)!.value >= 0) {
    return { label: "EXPANSION", isDefault: false };
  }
  const isWeak = !index || index.value <= macro.pmi;
  const isInverted = last.every(({ value }) => value < 0);
  return { label: isWeak && isInverted ? "RECESSION" : "SLOWDOWN", isDefault: false };
}

/** Sessions after the day of a value whose own value should have been known by now. */
function missedSessions(time: Millis, { date }: Day, delayMs: number): number {
  const today = Math.floor(time / DAY_MS) * DAY_MS;
  return sessionsBetween(date + DAY_MS, Math.max(today, date) + DAY_MS)
    .filter(({ close }) => close + delayMs <= time).length;
}

function until(all: readonly Day[], time: Millis): readonly Day[] {
  const last = all.findLastIndex(({ known }) => known <= time);
  return all.slice(Math.max(0, last - 300), last + 1); // no rule looks back further
}

function mean(all: readonly Day[], n: number): number {
  return all.slice(-n).reduce((sum, { value }) => sum + value, 0) / n;
}

/** Closes with every split so far undone. */
function days(history: DailyHistory | undefined): readonly Day[] {
  if (!history) return [];
  const { bars, splits, splitsApplied } = history;
  const first = bars.openTime[0] ?? 0;
  return Array.from(bars.openTime, (date, row) => {
    const done = splits.filter(({ kind, exDate }) =>
      kind === "split" && !splitsApplied && exDate > first && exDate <= date
    );
    const ratio = done.reduce((product, { value }) => product * value, 1);
    return { date, known: bars.availableAt[row]!, value: bars.close[row]! * ratio };
  }).filter(({ value }) => !Number.isNaN(value));
}

function publications(series: Series | undefined): readonly Day[] {
  if (!series) return [];
  return Array.from(series.date, (date, row) => {
    return { date, known: series.availableAt[row]!, value: series.value[row]! };
  }).filter(({ value }) => !Number.isNaN(value));
}
