import { join } from "node:path";
import { type Clock, systemClock } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { declaredTimeframes } from "../engine/feature_shares.ts";
import { openSandbox, type Sandbox } from "../engine/sandbox.ts";
import type { Model } from "../models/model.ts";
import { CARD_FILE, runStore } from "../results/mod.ts";
import { cardCode } from "./card_parts.ts";
import { type CodeFingerprint, codeFingerprint } from "./code_fingerprint.ts";
import { loadData, type LoadedData } from "./load_data.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { plannedRun } from "./planned_run.ts";
import { RESULTS_ROOT } from "./project.ts";
import { repeatRun } from "./verify_again.ts";
import { cardFinding, readCard, type VerifiedCard } from "./verify_card.ts";
import { codeFindings } from "./verify_code.ts";
import { dataFindings, unreadableData } from "./verify_data.ts";
import { artefactFindings, comparedFiles, damagedFiles, filesIn } from "./verify_files.ts";
import type { Finding, Verification } from "./verify_finding.ts";
import { type ProofsOnFile, proofsOnFile } from "./verify_proofs.ts";

/** How a run is verified; none of it changes what must come out. */
export interface VerifyOptions {
  readonly resultsRoot?: string;
  /** Where the data lie; what the record says of the run when absent, else the project's own folder. */
  readonly dataRoot?: string;
  /** Models of an unsealed run, which came from outside the library. */
  readonly define?: readonly Model[];
  /** 0 computes in this process, without a sandbox; otherwise how many sandbox workers share the work. */
  readonly threads?: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** The running code; a test puts another in its place. */
  readonly code?: CodeFingerprint;
  onProgress?(done: number, count: number): void;
}

/**
 * Computes a finished run again from its own card and compares every byte, and makes every proof again that is on file.
 * Code, runtime and data must be those of the run: where they are not, that is what it finds, and nothing is computed.
 * It changes neither the run nor the record, and is no trial: no choice can be made among results that must be equal.
 * Refuses an unknown or ambiguous id, and an unsealed run whose models are not given.
 */
export async function verify(
  idOrPrefix: string,
  options: VerifyOptions = {},
): Promise<Verification> {
  const clock = options.clock ?? systemClock;
  const begun = clock.elapsed();
  const root = options.resultsRoot ?? RESULTS_ROOT;
  const id = await runStore(root).resolve(idOrPrefix);
  const { files, strangers } = await filesIn(join(root, "runs", id));
  const proofs = await proofsOnFile(root, id);
  const examined = await examine({ id, files, strangers, proofs, root, options, clock });
  const findings = [...examined.findings, ...proofs.findings];
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  return {
    run_id: id,
    ...examined,
    verdict: examined.executed && findings.length === 0 ? "equal" : "different",
    findings,
    notes: proofs.notes,
    files: files.size,
    bytes,
    duration_ms: clock.elapsed() - begun,
  };
}

interface Examination {
  readonly id: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Names in the folder that are no files. */
  readonly strangers: readonly string[];
  readonly proofs: ProofsOnFile;
  readonly root: string;
  readonly options: VerifyOptions;
  readonly clock: Clock;
}

type Examined = Pick<Verification, "findings" | "executed" | "data_root">;

/** From what is cheap to see to what must be computed; stops where going on would compare unlike things. */
async function examine(examination: Examination): Promise<Examined> {
  const { id, files, strangers, proofs, options, clock } = examination;
  const stored = files.get(CARD_FILE);
  const read = stored
    ? readCard(stored, id)
    : { findings: [cardFinding("the file is missing")], artefacts: undefined };
  const cardFindings = read.findings;
  const artefacts = read.artefacts ?? {};
  const damaged = read.artefacts ? damagedFiles(files, artefacts) : [];
  const extra = read.artefacts ? artefactFindings(files, strangers, artefacts) : [];
  const stop = (found: readonly Finding[], data_root: string | null = null): Examined => ({
    findings: [...cardFindings, ...damaged, ...extra, ...found],
    executed: false,
    data_root,
  });
  if (!("sound" in read) || read.sound === undefined) return stop([]);
  const { card, plan } = read.sound;
  const code = options.code ?? await codeFingerprint();
  const changed = codeFindings(card.code, cardCode(code));
  if (changed.length > 0) return stop(changed);
  if (!card.sealed && options.define === undefined) {
    // What is wrong already is told before anybody goes and fetches the models.
    const told = stop([]);
    if (told.findings.length + proofs.findings.length > 0) return told;
  }
  const { root, ...from } = examination;
  const loaded = await plannedRun({ ...from, ...options, sealed: card.sealed, plan, root });
  const sandbox = card.sealed && (options.threads ?? 1) > 0
    ? openSandbox({ threads: options.threads ?? 1 })
    : undefined;
  try {
    const { data, findings } = await readData(loaded, card, { ...examination, sandbox });
    if (data === undefined) return stop(findings, loaded.dataRoot);
    const { signal, onProgress } = options;
    const request = { id, loaded, data, code, sandbox, clock, signal, onProgress };
    const again = await repeatRun(request, proofs.names);
    const compared = await comparedFiles(files, again.files, { artefacts, cardFindings });
    return {
      findings: [
        ...cardFindings,
        ...again.findings,
        ...extra,
        ...compared,
        ...proofs.compared(again, code),
      ],
      executed: true,
      data_root: loaded.dataRoot,
    };
  } finally {
    sandbox?.close();
  }
}

/** The data of the run, or how they differ from what they were. */
async function readData(
  loaded: LoadedPlan,
  card: VerifiedCard,
  { sandbox, clock, options }: Examination & { readonly sandbox: Sandbox | undefined },
): Promise<{ readonly data?: LoadedData; readonly findings: readonly Finding[] }> {
  const { plan, models, dataRoot, config } = loaded;
  const declared = sandbox
    ? await sandbox.timeframes(plan, {
      clock,
      timeoutMs: config.system.model_timeout_ms,
      memoryMb: config.system.model_memory_mb,
      ...(options.signal ? { signal: options.signal } : {}),
    })
    : declaredTimeframes(plan, { models });
  try {
    const data = await loadData(loaded, () => declared);
    const findings = dataFindings(card.data, { ...data, dataRoot, assets: plan.assets });
    return findings.length > 0 ? { findings } : { data, findings };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { findings: [unreadableData(error.message)] };
  }
}
