import type { ExperimentCard } from "../core/experiment.ts";
import { GATE, type GateVerdict, gateVerdict } from "../stats/gate.ts";
import { counted } from "./charts/text.ts";
import { formatNumber, formatPercent, NOTHING } from "./format.ts";

export { GATE, type GateVerdict } from "../stats/gate.ts";

/** What the ledger of trials makes of a winner. What is undefined is null. */
export interface DeflatedFigures {
  /** Trials on record that it is judged by: a model and a symbol in common, in any timeframe, from every door. */
  readonly trials: number;
  /** Those of them of exactly these models on exactly this data set. */
  readonly familyTrials: number;
  /** Probability that the winner is better than the best of so many trials without an edge. */
  readonly deflatedSharpe: number | null;
  /** Best Sharpe ratio a year that luck alone makes of so many trials. */
  readonly expectedBestSharpe: number | null;
  /** Days of returns that the winner's Sharpe ratio needs to be told from the best by luck, at 0.95. */
  readonly minTrackRecordDays: number | null;
  /** Sharpe ratio a year that a search over this much data would find more often than not. */
  readonly detectableSharpe: number | null;
}

/** What a state of the gate is called. */
export const GATE_WORDS: Readonly<Record<GateVerdict["state"], string>> = {
  passed: "passed",
  failed: "not passed",
  undecided: "undecided",
};

/** One figure of chance with what it says. */
export interface HonestyRow {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

/** The gate of an experiment; undecided without a winner. */
export function gateOf(card: ExperimentCard, deflated?: DeflatedFigures): GateVerdict {
  const verdict = gateVerdict({
    deflatedSharpe: deflated?.deflatedSharpe ?? null,
    spa: card.statistics?.spa?.consistent ?? null,
  });
  return card.winner === null ? { ...verdict, state: "undecided" } : verdict;
}

/** What may honestly be said of an experiment, in one sentence. */
export function honestVerdict(card: ExperimentCard, deflated?: DeflatedFigures): string {
  if (card.winner === null) return "No trial came to a score, so there is nothing to judge.";
  const { state } = gateOf(card, deflated);
  const halves = [
    `deflated Sharpe ${orUnknown(deflated?.deflatedSharpe ?? null)} ` +
    `(passes from ${GATE.deflatedSharpe})`,
    `SPA p ${orUnknown(card.statistics?.spa?.consistent ?? null)} against cash (passes below ` +
    `${GATE.spa})`,
  ].join(", ");
  const luck = `${luckClause(card, deflated)}${holdClause(card)}`;
  switch (state) {
    case "passed":
      return `The winner passes the gate: ${halves}${luck}; luck of the search is an unlikely ` +
        "explanation, which is no promise that the edge lasts.";
    case "failed":
      return `The winner does not pass the gate: ${halves}${luck}; treat it as luck until new ` +
        "data says otherwise.";
    case "undecided":
      return `Whether the winner passes the gate is undecided: ${halves}${luck}; treat it as luck ` +
        "until both are known.";
  }
}

function orUnknown(value: number | null): string {
  return value === null ? "unknown" : probability(value);
}

function holdClause(card: ExperimentCard): string {
  if (beatsHolding(card) !== false) return "";
  const p = probability(card.statistics!.hold!.consistent);
  return `; it does not beat buying and holding the same assets (SPA p ${p} of the difference)`;
}

function luckClause({ winner }: ExperimentCard, deflated: DeflatedFigures | undefined): string {
  if (!deflated || deflated.expectedBestSharpe === null) return "";
  return `; its Sharpe is ${formatNumber(winner!.figures.sharpe)}, and the best of ` +
    `${formatNumber(deflated.trials, 0)} trials without an edge is expected at ` +
    formatNumber(deflated.expectedBestSharpe);
}

/** Every figure of chance that an experiment has, the gate's first. */
export function honestyRows(
  card: ExperimentCard,
  deflated?: DeflatedFigures,
): readonly HonestyRow[] {
  return [...deflatedRows(card, deflated), ...sweepRows(card), ...plateauRows(card)];
}

function deflatedRows(
  { winner }: ExperimentCard,
  deflated: DeflatedFigures | undefined,
): readonly HonestyRow[] {
  if (!deflated) {
    return [{ ...{ label: "Deflated Sharpe", value: NOTHING }, note: undeflatedNote(winner) }];
  }
  const {
    trials,
    familyTrials,
    deflatedSharpe,
    expectedBestSharpe,
    minTrackRecordDays,
    detectableSharpe,
  } = deflated;
  return [
    {
      ...{ label: "Deflated Sharpe", value: probability(deflatedSharpe) },
      note: `${GATE.deflatedSharpe} or more passes: chance that the winner beats what luck makes ` +
        "of all trials on record",
    },
    {
      ...{ label: "Trials on record", value: formatNumber(trials, 0) },
      note:
        "every backtest with a model and a symbol in common, in any timeframe, from any door; " +
        `${formatNumber(familyTrials, 0)} of exactly these models on exactly this data`,
    },
    {
      ...{ label: "Best Sharpe by luck", value: formatNumber(expectedBestSharpe) },
      note: `a year, expected of so many trials without an edge, each scaled to the winner's ${
        formatNumber(winner?.figures.days ?? null, 0)
      } days; the winner has ${formatNumber(winner?.figures.sharpe ?? null)}`,
    },
    {
      label: "Minimum track record",
      value: minTrackRecordDays === null ? NOTHING : `${formatNumber(minTrackRecordDays, 0)} days`,
      note: `to tell this Sharpe from the best by luck; there are ${
        formatNumber(winner?.figures.days ?? null, 0)
      }`,
    },
    {
      ...{ label: "Detectable Sharpe", value: formatNumber(detectableSharpe) },
      note: "a year; a weaker true edge would mostly be missed with this much data",
    },
  ];
}

/** Why there is no deflated Sharpe ratio, as it is. */
export function undeflatedNote(winner: ExperimentCard["winner"]): string {
  return winner === null
    ? "no trial came to a score, so there is no winner to deflate"
    : "no ledger of trials was at hand";
}

/** Why there are no tests over all trials, as it is. */
function untestedNote({ statistics, statistics_note }: ExperimentCard): string {
  if (statistics_note !== null) return statistics_note;
  return statistics === null
    ? "no trial left daily returns to test"
    : "too few trials or days for the test";
}

function sweepRows(card: ExperimentCard): readonly HonestyRow[] {
  const { spa = null, pbo = null } = card.statistics ?? {};
  const hasSpa = spa !== null && spa.consistent !== null;
  return [
    {
      ...{ label: "SPA p-value", value: probability(spa?.consistent ?? null) },
      note: hasSpa
        ? `below ${GATE.spa} passes: chance that the best of a sweep that cannot beat cash does as ` +
          `well; lower ${probability(spa.lower)}, upper ${probability(spa.upper)}; ` +
          `${formatNumber(spa.resamples, 0)} resamples of ${formatNumber(spa.block_days, 0)}-day ` +
          "blocks"
        : untestedNote(card),
    },
    ...holdRows(card),
    {
      ...{ label: "PBO", value: formatPercent(pbo?.pbo ?? null, 0) },
      note: pbo === null || pbo.pbo === null
        ? untestedNote(card)
        : `shown, never a gate: share of ${pbo.blocks}-block splits whose best falls below the ` +
          `median out of sample; ${spreadText(pbo.logit_quartiles)}`,
    },
  ];
}

/** Against cash a rising market passes for skill: the same test on what is gained beyond holding. */
function holdRows({ statistics }: ExperimentCard): readonly HonestyRow[] {
  if (statistics === null) return [];
  const { hold } = statistics;
  return [{
    ...{ label: "SPA p against holding", value: probability(hold?.consistent ?? null) },
    note: hold === null
      ? "holding these assets could not be computed"
      : "no gate: chance that the best of a sweep that cannot beat buying and holding the same " +
        `assets does as well; holding has Sharpe ${formatNumber(hold.sharpe)}`,
  }];
}

/** Whether the best of the sweep beats buying and holding; null where that is not known. */
export function beatsHolding({ statistics }: ExperimentCard): boolean | null {
  const p = statistics?.hold?.consistent ?? null;
  return p === null ? null : p < GATE.spa;
}

function spreadText(quartiles: readonly [number, number, number] | null): string {
  return quartiles === null
    ? "no spread is defined"
    : `quartiles of the logits ${quartiles.map((value) => formatNumber(value)).join(", ")}`;
}

function plateauRows({ winner }: ExperimentCard): readonly HonestyRow[] {
  if (winner === null) return [];
  const { plateau, score, neighbours } = winner;
  const share = plateau === null || score === null || score <= 0 ? null : plateau / score;
  return [{
    ...{ label: "Plateau", value: formatNumber(plateau) },
    note: (neighbours === 0
      ? "the winner has no neighbour among the trials: it won by its score alone"
      : plateau === null
      ? `half or more of the winner's ${counted(neighbours, "neighbour")} have no score`
      : `median score of the winner's ${counted(neighbours, "neighbour")}, itself left out` +
        (share === null ? "" : `, ${formatPercent(share, 0)} of its own`)) +
      "; the trial with the highest min(score, plateau) wins",
  }];
}

/** A probability with as many decimals as a gate at 0.05 or 0.95 needs. */
export function probability(value: number | null): string {
  if (value !== null && value > 0 && value < 0.001) return "< 0.001";
  // Rounded up to 1 or to the bound of the gate it would say what it is not.
  return value === null ? NOTHING : (Math.floor(value * 1_000 + 1e-9) / 1_000).toFixed(3);
}
