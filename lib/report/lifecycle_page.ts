import type { GateCheck, LifecycleEvent, LifecycleEvidence, Stage } from "../core/lifecycle.ts";
import { trialsText } from "./deflated_lines.ts";
import { formatNumber, formatPercent, NOTHING } from "./format.ts";
import { formatTable } from "./table.ts";

/** A configured model in one line. */
export interface ListedModel {
  readonly model: string;
  readonly version: string;
  readonly budget_fraction: number;
  readonly stage: Stage;
  /** ISO; null where it never left research. */
  readonly since: string | null;
  /** What the configuration says; another stage than on record is inconsistent. */
  readonly configured: Stage;
  readonly consistent: boolean;
  /** Why paper or live trading would not run it, by mode; null where it would. */
  readonly refused: { readonly paper: string | null; readonly live: string | null };
}

/** One line a model, then one line for each that is not in order. */
export function modelsTable(models: readonly ListedModel[]): string {
  const yes = (refusal: string | null) => refusal === null ? "yes" : "no";
  const rows = models.map((
    { model, version, budget_fraction, stage, since, refused, consistent },
  ) => [
    model,
    version,
    formatPercent(budget_fraction, 0),
    consistent ? stage : `${stage} (!)`,
    since?.slice(0, 10) ?? NOTHING,
    yes(refused.paper),
    yes(refused.live),
  ]);
  const table = formatTable(rows, {
    header: ["Model", "Version", "Budget", "Stage", "Since", "Runs in paper", "Runs live"],
    align: ["left", "left", "right", "left", "left", "left", "left"],
  });
  // What is merely not promoted is no trouble; what is promoted and would not run is.
  const odd = models.flatMap(({ consistent, stage, refused }) => {
    const mode = stage === "live" ? refused.live : refused.paper;
    return !consistent || (stage !== "research" && mode !== null) ? [mode ?? ""] : [];
  });
  return [table, ...odd.length > 0 ? ["", ...odd] : []].join("\n");
}

/** Everything about one model's stage, and what its next step lacks. */
export interface ShownModel extends Omit<ListedModel, "budget_fraction"> {
  /** Where the configuration says it: file and line. */
  readonly file: string;
  readonly line: number;
  readonly inconsistencies: readonly string[];
  /** What makes file and record agree again; null where they do. */
  readonly mend: string | null;
  /** In what the model is no longer what was promoted, each `code 1f2e was promoted, found 9a8b`. */
  readonly changes: readonly string[];
  readonly code: string;
  /** What the stage rests on, with the event that says so; null in research. */
  readonly evidence: LifecycleEvidence | null;
  readonly promoted: {
    readonly event: number;
    readonly at: string;
    readonly approved_by: readonly string[];
    readonly reason: string;
  } | null;
  /** The gate of the next step; null at the last stage. */
  readonly next: {
    readonly to: Stage;
    /** The run that it was judged by; null where there is none. */
    readonly run_id: string | null;
    readonly checks: readonly GateCheck[];
    /** Lines that are not fulfilled, approvals among them. */
    readonly lacking: number;
    readonly command: string;
  } | null;
  /** What takes the model back to research. */
  readonly demote: string | null;
}

/** Where a model stands, on what that rests, and line by line what its next step asks for. */
export function modelPage(facts: ShownModel): string {
  return [stagePart(facts), evidencePart(facts), nextPart(facts)]
    .filter((part) => part !== "").join("\n\n");
}

function stagePart(facts: ShownModel): string {
  const { model, version, stage, since, configured, file, line, inconsistencies, mend } = facts;
  const rows = [
    ["Stage on record", since === null ? stage : `${stage} since ${momentText(since)}`],
    ["In the configuration", `${configured} (${file}:${line})`],
    ["Code", facts.code.slice(0, 12)],
    ["Runs in paper", facts.refused.paper === null ? "yes" : "no"],
    ["Runs live", facts.refused.live === null ? "yes" : "no"],
  ];
  return [
    `${model} ${version}`,
    "",
    formatTable(rows, { align: ["left", "left"] }),
    ...inconsistencies.map((text) => `inconsistent: ${text}`),
    ...mend === null ? [] : [`mend it with: ${mend}`],
    ...facts.changes.map((text) => `changed since: ${text}`),
    ...facts.changes.length > 0 && facts.demote !== null
      ? [`put back what was promoted, or: ${facts.demote}`]
      : [],
  ].join("\n");
}

function evidencePart({ evidence, promoted }: ShownModel): string {
  if (evidence === null || promoted === null) return "";
  const by = promoted.approved_by.join(", ");
  return [
    "What that rests on",
    "",
    formatTable([
      ["Promoted", `${momentText(promoted.at)} by ${by} (event ${promoted.event})`],
      ["Reason", promoted.reason],
      ["Run", evidence.run_id],
      ["Card", evidence.card.slice(0, 16)],
      ["Certificate", evidence.certificate.slice(0, 16)],
      [
        "Deflated Sharpe then",
        `${formatNumber(evidence.deflated_sharpe)} after ${trialsText(evidence.trials)}`,
      ],
      ["Experiment", evidence.experiment_id ?? NOTHING],
      ["Paper record", evidence.paper?.slice(0, 16) ?? NOTHING],
    ], { align: ["left", "left"] }),
  ].join("\n");
}

function nextPart({ next, stage }: ShownModel): string {
  if (next === null) return `${stage} is the last stage`;
  const by = next.run_id === null ? "" : `, by run ${next.run_id}`;
  const verdict = next.lacking === 0
    ? "everything is there"
    : next.lacking === 1
    ? "1 line is lacking"
    : `${next.lacking} lines are lacking`;
  return [
    `Next: ${stage} to ${next.to}${by}: ${verdict}`,
    "",
    checksTable(next.checks),
    "",
    next.command,
  ].join("\n");
}

function checksTable(checks: readonly GateCheck[]): string {
  const rows = checks.map(({ name, found, expected, passed }) => [
    passed ? "ok" : "lacking",
    name,
    found,
    expected,
  ]);
  return formatTable(rows, {
    header: ["", "Asked for", "Found", "Expected"],
    align: ["left", "left", "left", "left"],
  });
}

/** What came of a step that somebody asked for: the model moved, or one approval of several was taken down. */
export interface PromotionFacts {
  readonly model: string;
  readonly outcome: "promoted" | "approved";
  readonly from: Stage;
  readonly to: Stage;
  readonly approved_by: readonly string[];
  readonly needed: number;
  /** When the approvals so far expire, ISO. */
  readonly expires_at: string;
  /** The configuration file that was written; absent while approvals are missing. */
  readonly file?: string;
}

/** What a promotion did, and what is still missing. */
export function promotionPage(facts: PromotionFacts): string {
  const { model, outcome, from, to, approved_by, needed, expires_at, file } = facts;
  const by = approved_by.join(", ");
  if (outcome === "promoted") {
    return `${model}: ${from} to ${to}, approved by ${by}; written to ${file}`;
  }
  const missing = needed - approved_by.length;
  const others = missing === 1 ? "another person" : `${missing} other people`;
  return `${model}: ${from} to ${to} approved by ${by}, ${approved_by.length} of ${needed}; ` +
    `expected ${others} by ${momentText(expires_at)}`;
}

/** What became of models, with where they stood at a time. */
export interface LifecycleHistory {
  /** Of the model asked for, else of all; oldest first, up to `at`. */
  readonly events: readonly LifecycleEvent[];
  /** The end of the day or the moment that was asked for, ISO; null for now. */
  readonly at: string | null;
  /** Where each model with events stood then. */
  readonly stages: Readonly<Record<string, Stage>>;
  /** What is not as it was written, one line each; the chain of all models is checked. */
  readonly faults: readonly string[];
  /** The newest event; whoever writes its hash down elsewhere can prove later that nothing before it changed. */
  readonly head: { readonly seq: number; readonly hash: string } | null;
}

/** Events one line each, where models stood then, and whether the chain is whole. */
export function historyPage({ events, at, stages, faults, head }: LifecycleHistory): string {
  const rows = events.map((event) => [
    String(event.seq),
    momentText(event.at),
    event.model,
    whatText(event),
    event.operator,
    event.reason,
  ]);
  const table = formatTable(rows, {
    header: ["Event", "Time (UTC)", "Model", "What", "Operator", "Reason"],
    align: ["right", "left", "left", "left", "left", "left"],
  });
  // order: sorted by whoever asked
  const stood = Object.entries(stages).map(([model, stage]) => `${model}: ${stage}`);
  const when = at === null ? "now" : `at ${momentText(at)}`;
  const chain = faults.length > 0
    ? faults.map((fault) => `broken: ${fault}`)
    : head === null
    ? []
    : [`Chain: intact, ${head.seq} events, newest ${head.hash}`];
  return [
    events.length === 0 ? "Nothing on record" : table,
    ...stood.length === 0 ? [] : ["", `Stage ${when}`, ...stood],
    ...chain.length === 0 ? [] : ["", ...chain],
  ].join("\n");
}

function whatText({ kind, from_stage, to_stage, details }: LifecycleEvent): string {
  if (kind === "written") return `${to_stage} written to ${details.file}`;
  const step = `${from_stage} to ${to_stage}`;
  if (kind === "approved") return `${step} approved`;
  if (kind === "demoted") return `${step}, demoted${details.rule ? ` by ${details.rule}` : ""}`;
  const run = details.evidence ? `, run ${details.evidence.run_id}` : "";
  return `${step}, promoted${run}`;
}

function momentText(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}
