import type { ExperimentCard } from "../../core/experiment.ts";
import {
  beatsHolding,
  type DeflatedFigures,
  GATE,
  GATE_WORDS,
  gateOf,
  probability,
  undeflatedNote,
} from "../experiment_honesty.ts";
import { purgeProof } from "../experiment_tables.ts";
import { figureOfValidation, validationName } from "../experiment_validation.ts";
import { formatNumber, formatPercent } from "../format.ts";
import { capitalized, objectiveTitle } from "../trial_figure_text.ts";
import type { Markup } from "./markup.ts";
import { type State, strip, type Verdict } from "./verdicts.ts";

/** What a reader must know before the figures: the gate, what luck is worth, and what held elsewhere. */
export function experimentVerdicts(card: ExperimentCard, deflated?: DeflatedFigures): Markup {
  return strip([
    gate(card, deflated),
    luck(card, deflated),
    outside(card),
    plateau(card),
    overfitting(card),
  ]);
}

function gate(card: ExperimentCard, deflated?: DeflatedFigures): Verdict {
  const { state } = gateOf(card, deflated);
  const states: Readonly<Record<typeof state, State>> = {
    ...{ passed: "good", failed: "bad", undecided: "none" },
  };
  const p = card.statistics?.spa?.consistent ?? null;
  return {
    ...{ label: "Gate", state: states[state] },
    headline: capitalized(GATE_WORDS[state]),
    detail: `Deflated Sharpe ${probability(deflated?.deflatedSharpe ?? null)}, passes from ` +
      `${GATE.deflatedSharpe}. SPA p ${probability(p)} against cash, passes below ${GATE.spa}.` +
      (beatsHolding(card) === false ? " It does not beat holding the same assets." : ""),
  };
}

function luck(card: ExperimentCard, deflated?: DeflatedFigures): Verdict {
  const { deflated: isBeyond } = gateOf(card, deflated);
  return {
    label: "Luck",
    state: isBeyond === null ? "none" : isBeyond ? "good" : "warn",
    headline: `Sharpe ${formatNumber(card.winner?.figures.sharpe ?? null)}`,
    detail: deflated
      ? `The best of ${formatNumber(deflated.trials, 0)} trials on record without an edge is ` +
        `expected at ${formatNumber(deflated.expectedBestSharpe)}.`
      : `There is no deflated Sharpe: ${undeflatedNote(card.winner)}.`,
  };
}

function outside(card: ExperimentCard): Verdict {
  const { validation, objective } = card;
  const label = "Out of sample";
  if (validation === null) {
    return {
      ...{ label, state: "warn", headline: "Nothing kept apart" },
      detail: "Every figure was seen by the search.",
    };
  }
  const isSplit = validation.method === "split";
  const within = (isSplit ? validation.train_score : card.winner?.figures.sharpe) ?? null;
  return {
    label,
    state: outsideState(card, within),
    headline: `${isSplit ? objectiveTitle(objective) : "Sharpe"} ${
      formatNumber(figureOfValidation(card))
    }`,
    detail: `In sample ${formatNumber(within)}. ` +
      ("splits" in validation
        ? `${purgeProof(validation.splits)}.`
        : `By ${validationName(card)}.`),
  };
}

/** Half of what was seen in sample is much for data that no choice has seen. */
function outsideState(card: ExperimentCard, within: number | null): State {
  const { validation } = card;
  const value = figureOfValidation(card);
  if (value === null) return "none";
  if (value <= 0) return "bad";
  const isHeldAcross = validation !== null && "splits" in validation &&
    validation.splits.some(({ overlaps }) => (overlaps ?? 0) > 0);
  if (isHeldAcross) return "warn";
  return within !== null && value >= within / 2 ? "good" : "warn";
}

function plateau({ winner }: ExperimentCard): Verdict {
  const { plateau = null, score = null } = winner ?? {};
  const share = plateau === null || score === null || score <= 0 ? null : plateau / score;
  return {
    label: "Plateau",
    state: share === null ? "none" : share >= 0.8 ? "good" : "warn",
    headline: share === null ? "Unknown" : `Neighbours keep ${formatPercent(share, 0)}`,
    detail:
      "Median score of the winner's neighbours, as a share of its own. The winner is the trial with the highest of the lower of the two.",
  };
}

/** Never good or bad: on a grid of alike trials it is near a half with and without an edge. */
function overfitting({ statistics }: ExperimentCard): Verdict {
  return {
    ...{ label: "Overfitting (PBO)", state: "none" },
    headline: formatPercent(statistics?.pbo?.pbo ?? null, 0),
    detail: "Shown, never a gate: near a half on alike trials with and without an edge.",
  };
}
