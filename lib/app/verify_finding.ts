/** What a finding is about: the card, another file of the run, the data it read, its code, or the runtime. */
export type FindingKind = "card" | "artefact" | "data" | "code" | "runtime";

/** One thing that is not as it was when the run was made. */
export interface Finding {
  readonly kind: FindingKind;
  /** One line that says all of it. */
  readonly message: string;
  /** Of the run's folder, of the results (`proofs/…`), of the data folder, or of the code. */
  readonly file?: string;
  /** Of a table from 0, of a text from 1. */
  readonly row?: number;
  /** Column of a table; key path in JSON. */
  readonly column?: string;
  /** Values as text; absent where there is none. */
  readonly expected?: string;
  readonly found?: string;
}

/** What became of re-executing a run. */
export interface Verification {
  /** Of an experiment its winner's, "" where it has none. */
  readonly run_id: string;
  /** The experiment that was verified, or its page; absent where it was a run. */
  readonly experiment_id?: string;
  /** Whether its ranking, tests and validation came from its trials again; absent where it was a run. */
  readonly appraised?: boolean;
  /** `equal`: every byte of every file came out again, and every proof on file. */
  readonly verdict: "equal" | "different";
  readonly findings: readonly Finding[];
  /** What is worth knowing and makes no difference, each in one line. */
  readonly notes: readonly string[];
  /** Whether the run was computed again; not where code or data are others than the run's. */
  readonly executed: boolean;
  /** Files of the run's folder, and their bytes together. */
  readonly files: number;
  readonly bytes: number;
  /** Folder the data were read from; null when it did not come to that. */
  readonly data_root: string | null;
  /** Wall time, in milliseconds. */
  readonly duration_ms: number;
}
