/** What the page needs of a verification. */
export interface VerificationFacts {
  readonly run_id: string;
  /** Where an experiment, or the page of one, was verified. */
  readonly experiment_id?: string;
  /** Whether ranking, tests and validation of an experiment came from its trials again. */
  readonly appraised?: boolean;
  readonly verdict: "equal" | "different";
  readonly findings: readonly { readonly kind: string; readonly message: string }[];
  /** What is worth knowing and makes no difference. */
  readonly notes: readonly string[];
  readonly executed: boolean;
  readonly files: number;
  readonly bytes: number;
  readonly duration_ms: number;
}

/** More lines than this tell nobody more. */
const MOST_LINES = 40;

/** A summary in one line, then one line a finding and one a note. */
export function verificationPage(facts: VerificationFacts): string {
  const { run_id, experiment_id, findings, notes, executed, files, bytes, duration_ms } = facts;
  const seconds = `${(duration_ms / 1_000).toFixed(2)} s`;
  const size = experiment_id === undefined
    ? `${files} files, ${sizeText(bytes)}`
    : facts.appraised
    ? "appraised again"
    : "not appraised again";
  const name = experiment_id === undefined ? `Run ${run_id}` : `Experiment ${experiment_id}`;
  const computed = experiment_id === undefined ? "computed again" : "its winner computed again";
  if (facts.verdict === "equal") {
    const work = executed ? `${computed} in ${seconds}` : `in ${seconds}`;
    return [`${name}: equal, ${size}, ${work}`, ...notes].join("\n");
  }
  const count = counted(findings.length, "finding", "findings");
  const work = executed ? `${computed} in ${seconds}` : "not computed again";
  return [
    `${name}: different, ${count} (${size}, ${work})`,
    ...shownFindings(findings),
    ...notes,
  ].join("\n");
}

/** What the page needs of a check of the ledger. */
export interface LedgerFacts {
  readonly verdict: "intact" | "broken";
  readonly findings: readonly { readonly kind: string; readonly message: string }[];
  readonly entries: number;
  readonly trials: number;
  readonly runs: number;
  readonly head: { readonly seq: number; readonly hash: string } | null;
  /** Where a lost head was written down again. */
  readonly anchors: readonly {
    readonly seq: number;
    readonly written_at: string;
    readonly operator: string;
    readonly reason: string;
  }[];
  readonly duration_ms: number;
}

/** A summary in one line, then what to write down elsewhere, or one line a finding, the first break first. */
export function ledgerPage(facts: LedgerFacts): string {
  const { verdict, findings, entries, trials, runs, head, duration_ms } = facts;
  const size = [
    counted(entries, "entry", "entries"),
    counted(trials, "trial", "trials"),
    counted(runs, "stored run", "stored runs"),
  ].join(", ");
  const anchored = facts.anchors.map(({ seq, written_at, operator, reason }) =>
    `Entry ${seq}: the head was lost before ${written_at}, written down again by ${operator}: ${reason}`
  );
  const checked = `${size}, checked in ${(duration_ms / 1_000).toFixed(2)} s`;
  if (verdict === "intact") {
    const newest = head ? [`Newest entry ${head.seq}: ${head.hash}`] : [];
    return [`Ledger: intact, ${checked}`, ...newest, ...anchored].join("\n");
  }
  return [
    `Ledger: broken, ${counted(findings.length, "finding", "findings")} (${checked})`,
    ...shownFindings(findings),
    ...anchored,
  ].join("\n");
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function shownFindings(findings: VerificationFacts["findings"]): readonly string[] {
  const shown = findings.slice(0, MOST_LINES).map(({ kind, message }) => `${kind}: ${message}`);
  const rest = findings.length - shown.length;
  return rest > 0 ? [...shown, `and ${rest} more; --json shows all`] : shown;
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
