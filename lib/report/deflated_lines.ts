import type { Deflated } from "../results/mod.ts";
import { GATE } from "../stats/gate.ts";
import { formatNumber } from "./format.ts";

/** What is left of a result after all that was tried, in two lines, or that nothing was written down. */
export function deflatedLines(deflated: Deflated | undefined): readonly string[] {
  if (!deflated) return ["Deflated Sharpe: no trial on record"];
  const { family, data_set, family_trials, trials } = deflated;
  return [
    `Deflated Sharpe: ${deflatedText(deflated)}; ${luckText(deflated)}`,
    `Trials of ${family} on ${data_set}: ${formatNumber(family_trials, 0)}; ` +
    `with a model and a symbol in common, in any timeframe: ${formatNumber(trials, 0)}`,
  ];
}

/** `0.97 after 12 trials`, rounded down: what reads as 0.95 has passed. */
export function deflatedText(deflated: Deflated): string {
  return `${deflatedShare(deflated)} after ${trialsText(deflated.trials)}`;
}

/** The probability alone, rounded down. */
export function deflatedShare({ deflated_sharpe }: Deflated): string {
  return formatNumber(deflated_sharpe === null ? null : Math.floor(deflated_sharpe * 100) / 100);
}

/** `1 trial`, `1,200 trials`. */
export function trialsText(trials: number): string {
  return trials === 1 ? "1 trial" : `${formatNumber(trials, 0)} trials`;
}

/** What chance would show, and how long a record it takes. */
export function luckText(
  { trials, expected_best_sharpe, min_track_record_days, days }: Deflated,
): string {
  const chance = trials === 1
    ? "nothing to deflate"
    : `the best without skill would show ${formatNumber(expected_best_sharpe)}`;
  const needed = formatNumber(min_track_record_days, 0);
  return `${chance}; ${GATE.deflatedSharpe} needs ${needed} days, has ${formatNumber(days, 0)}`;
}
