import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { type Clock, systemClock } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { declaredTimeframes } from "../engine/feature_shares.ts";
import { openSandbox, type Sandbox } from "../engine/sandbox.ts";
import type { Model } from "../models/model.ts";
import { CARD_FILE, deriveRun, proofStore, runFiles, runStore } from "../results/mod.ts";
import { cardCode, cardParts } from "./card_parts.ts";
import { type CodeFingerprint, codeFingerprint } from "./code_fingerprint.ts";
import { compute } from "./compute.ts";
import { loadData, type LoadedData } from "./load_data.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { plannedRun } from "./planned_run.ts";
import { RESULTS_ROOT } from "./project.ts";
import { outcomeIdOf } from "./run_id.ts";
import { cardFinding, readCard, type VerifiedCard } from "./verify_card.ts";
import { codeFindings } from "./verify_code.ts";
import { dataFindings, unreadableData } from "./verify_data.ts";
import { artefactFindings, comparedFiles, damagedFiles } from "./verify_files.ts";
import type { Finding, Verification } from "./verify_finding.ts";

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
 * Computes a finished run again from its own card and compares every byte. Code, runtime and data must be those of the
 * run: where they are not, that is what it finds, and nothing is computed. It changes neither the run nor the record, and
 * is no trial: no choice can be made among results that must be equal. Refuses an unknown or ambiguous id, and an
 * unsealed run whose models are not given.
 */
export async function verify(
  idOrPrefix: string,
  options: VerifyOptions = {},
): Promise<Verification> {
  const clock = options.clock ?? systemClock;
  const begun = clock.elapsed();
  const root = options.resultsRoot ?? RESULTS_ROOT;
  if (idOrPrefix === "") {
    throw new Refusal('Run "": found nothing, expected a run id or its beginning');
  }
  const id = await runStore(root).resolve(idOrPrefix);
  const { files, strangers } = await filesIn(join(root, "runs", id));
  const examined = await examine({ id, files, strangers, root, options, clock });
  const findings = [...examined.findings, ...await proofFindings(root, id, files)];
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  return {
    run_id: id,
    ...examined,
    verdict: examined.executed && findings.length === 0 ? "equal" : "different",
    findings,
    files: files.size,
    bytes,
    duration_ms: clock.elapsed() - begun,
  };
}

/** Proofs lie outside the run's bytes and may be made anew; but one that was changed must not be believed. */
async function proofFindings(
  root: string,
  id: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<readonly Finding[]> {
  const card = sha256(files.get(CARD_FILE) ?? "");
  const { damaged } = await proofStore(root).read({ run_id: id, card });
  return damaged.map((path) => {
    const file = relative(root, path).replaceAll(sep, "/");
    const message = `${file} is not what was once written; \`deno task audit ${id}\` makes it anew`;
    return { kind: "artefact", file, message };
  });
}

interface Examination {
  readonly id: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Names in the folder that are no files. */
  readonly strangers: readonly string[];
  readonly root: string;
  readonly options: VerifyOptions;
  readonly clock: Clock;
}

type Examined = Pick<Verification, "findings" | "executed" | "data_root">;

/** From what is cheap to see to what must be computed; stops where going on would compare unlike things. */
async function examine(examination: Examination): Promise<Examined> {
  const { id, files, strangers, options } = examination;
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
    if (told.findings.length > 0) return told;
  }
  const { root, ...from } = examination;
  const loaded = await plannedRun({ ...from, ...options, sealed: card.sealed, plan, root });
  const sandbox = card.sealed && (options.threads ?? 1) > 0
    ? openSandbox({ threads: options.threads ?? 1 })
    : undefined;
  try {
    const { data, findings } = await readData(loaded, card, { ...examination, sandbox });
    if (data === undefined) return stop(findings, loaded.dataRoot);
    const again = await executed({ loaded, data, code, sandbox }, examination);
    const compared = await comparedFiles(files, again.files, { artefacts, cardFindings });
    return {
      findings: [...cardFindings, ...again.findings, ...extra, ...compared],
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

interface Request {
  readonly loaded: LoadedPlan;
  readonly data: LoadedData;
  readonly code: CodeFingerprint;
  readonly sandbox: Sandbox | undefined;
}

/** The files that the run has now, under the id it has in its folder. */
async function executed(
  request: Request,
  { id, options, clock }: Examination,
): Promise<{ files: ReadonlyMap<string, Uint8Array>; findings: readonly Finding[] }> {
  const { loaded, data, code, sandbox } = request;
  const { signal, onProgress } = options;
  refuseInterrupted(signal);
  const record = await compute(loaded, data, { sandbox, clock, signal, onProgress });
  refuseInterrupted(signal);
  const outcome = loaded.sealed ? id : outcomeIdOf(loaded, data, { code, record });
  const { files } = await runFiles(id, {
    record,
    derived: deriveRun(record),
    parts: cardParts(request),
  });
  if (outcome === id) return { files, findings: [] };
  const message = `the models given decide otherwise: found outcome ${outcome}, expected ${id}`;
  return { files, findings: [{ kind: "code", message, expected: id, found: outcome }] };
}

function refuseInterrupted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new Refusal("Interrupted");
}

async function filesIn(
  folder: string,
): Promise<{ files: ReadonlyMap<string, Uint8Array>; strangers: readonly string[] }> {
  const files = new Map<string, Uint8Array>();
  const strangers: string[] = [];
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
      if (entry.isFile()) files.set(entry.name, await readFile(join(folder, entry.name)));
      else strangers.push(entry.name);
    }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
    throw new Refusal(`Cannot read ${folder}: ${message}`, { cause });
  }
  return { files, strangers };
}
