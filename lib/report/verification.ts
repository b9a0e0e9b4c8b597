/** What the page needs of a verification. */
export interface VerificationFacts {
  readonly run_id: string;
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
  const { run_id, findings, notes, executed, files, bytes, duration_ms } = facts;
  const seconds = `${(duration_ms / 1_000).toFixed(2)} s`;
  const size = `${files} files, ${sizeText(bytes)}`;
  if (facts.verdict === "equal") {
    return [`Run ${run_id}: equal, ${size}, computed again in ${seconds}`, ...notes].join("\n");
  }
  const count = findings.length === 1 ? "1 finding" : `${findings.length} findings`;
  const work = executed ? `computed again in ${seconds}` : "not computed again";
  const shown = findings.slice(0, MOST_LINES).map(({ kind, message }) => `${kind}: ${message}`);
  const rest = findings.length - shown.length;
  return [
    `Run ${run_id}: different, ${count} (${size}, ${work})`,
    ...shown,
    ...(rest > 0 ? [`and ${rest} more; --json shows all`] : []),
    ...notes,
  ].join("\n");
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
