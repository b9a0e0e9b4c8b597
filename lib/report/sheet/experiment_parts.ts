import type { ExperimentCard, TrialRecord } from "../../core/experiment.ts";
import type { ExperimentSource } from "../charts/experiment_source.ts";
import { counted } from "../charts/text.ts";
import { type DeflatedFigures, honestyRows } from "../experiment_honesty.ts";
import { failureReasons, trialsLine } from "../experiment_page.ts";
import { frontTable, searchedTable, validationTable } from "../experiment_tables.ts";
import { formatNumber } from "../format.ts";
import { figureTitle } from "../trial_figure_text.ts";
import { type Markup, markup, type Piece } from "./markup.ts";
import { yamlText } from "./provenance.ts";
import { dataTable, plainTable } from "./tables.ts";

/** Every figure of chance with what it says. */
export function honestyTable(card: ExperimentCard, deflated?: DeflatedFigures): Markup {
  return plainTable(
    ["Figure", "Value", "What it says"],
    honestyRows(card, deflated).map(({ label, value, note }) => [label, value, note]),
  );
}

/** Parameters with the values that were tried, and the rules between them. */
export function searchPart(card: ExperimentCard): Markup {
  return markup`${dataTable(searchedTable(card))}
<p>${trialsLine(card)}.</p>
${
    card.constraints.length > 0 &&
    markup`<p>Constraints: <code>${card.constraints.join("; ")}</code></p>`
  }`;
}

/** Why trials failed, if any did. */
export function failureList(trials: readonly TrialRecord[]): Markup | undefined {
  const reasons = failureReasons(trials);
  const failed = reasons.reduce((sum, { count }) => sum + count, 0);
  if (failed === 0) return undefined;
  return markup`<details class="warnings"><summary>${counted(failed, "failed trial")}</summary><ul>
${
    reasons.slice(0, MOST_REASONS).map(({ reason, count }) =>
      markup`<li>${formatNumber(count, 0)} ×: ${reason}</li>\n`
    )
  }</ul></details>`;
}

const MOST_REASONS = 20;

/** What was kept apart and what became of the choice there. */
export function validationPart(card: ExperimentCard): Markup {
  const { validation } = card;
  if (validation === null) {
    return markup`<p class="quiet">Nothing was kept out of the sample: every figure above was seen by the search.</p>`;
  }
  const { notes, ...table } = validationTable(card, validation);
  return markup`<p>${validation.method.replaceAll("_", " ")}</p>
${dataTable(table)}${notes.map((note) => markup`<p>${note}</p>\n`)}`;
}

/** The trials on the front. */
export function frontPart(source: ExperimentSource): Markup | undefined {
  const table = frontTable(source, 25);
  if (!table) return undefined;
  return markup`${dataTable(table)}${
    table.left > 0 && markup`<p class="quiet">and ${table.left} more</p>`
  }`;
}

/** Ids, hashes and wishes by which the experiment can be run again. */
export function experimentProvenance(card: ExperimentCard, cardHash: string): Markup {
  const { objective, front, winner, saved } = card;
  const facts: readonly (readonly [string, Piece])[] = [
    ["Experiment", mono(card.experiment_id)],
    ["Card, SHA-256", mono(cardHash)],
    ["Data", mono(card.data_fingerprint)],
    ["Code", mono(card.code_fingerprint)],
    ["Models, as the ledger counts them", mono(card.family)],
    ["Data set, as the ledger counts it", mono(card.data_set)],
    ["Seed", card.seed],
    [
      "Objective",
      markup`<code>${`${objective.name}: ${yamlText(objective.weights).trim()}`}</code>`,
    ],
    [
      "Front",
      front.map(({ figure, more }) =>
        `${figureTitle(figure)} (${more ? "more" : "less"} is better)`
      )
        .join(", ") || "none",
    ],
    ["Constraints", card.constraints.join("; ") || "none"],
    ["Winner", winner ? mono(winner.run_id) : "none"],
    ["Saved runs", saved.length === 0 ? "none" : mono(saved.join(" "))],
  ];
  return markup`${plainTable(["", ""], facts)}
<details><summary>Parameters</summary><pre tabindex="0" aria-label="Parameters">${
    yamlText(card.dimensions).trim()
  }</pre></details>`;
}

function mono(text: string): Markup {
  return markup`<span class="mono">${text}</span>`;
}
