import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, systemClock } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { Certificate } from "../core/proofs.ts";
import type { Model } from "../models/model.ts";
import { backtest, type Run } from "./backtest.ts";
import { CARD_FILE } from "../results/mod.ts";
import { cardCode } from "./card_parts.ts";
import { codeFingerprint } from "./code_fingerprint.ts";
import { type LoadedPlan, loadPlan, type PlanOptions } from "./load_plan.ts";
import { plannedRun } from "./planned_run.ts";
import { RESULTS_ROOT } from "./project.ts";
import { openRun } from "./runs.ts";
import { readCard } from "./verify_card.ts";
import { codeFindings } from "./verify_code.ts";

/** How a run is audited; none of it changes the result. */
export interface AuditRequest {
  readonly resultsRoot?: string;
  /** Where the data of a finished run lie, if not where they were. */
  readonly dataRoot?: string;
  /** Models from outside the library. */
  readonly define?: readonly Model[];
  readonly threads?: number;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  onProgress?(done: number, count: number): void;
}

/** A run with a certificate that was made just now. */
export interface Audited {
  readonly run: Run;
  readonly certificate: Certificate;
}

/**
 * Audits a finished run, or the run of configuration files: computes it again, byte for byte, and goes over it without its
 * future, whatever certificate there is. Refuses a run that other code, another runtime or other data have made.
 */
export async function audit(
  subject: string | readonly string[],
  { resultsRoot = RESULTS_ROOT, dataRoot, define, ...request }: AuditRequest = {},
): Promise<Audited> {
  const options = {
    ...(dataRoot === undefined ? {} : { dataRoot }),
    ...(define === undefined ? {} : { define }),
  };
  const asked = await isRun(subject)
    ? await finishedPlan(subject as string, resultsRoot, options)
    : { loaded: await configuredPlan(subject, options) };
  const run = await backtest(asked.loaded, {
    ...request,
    clock: request.clock ?? systemClock,
    resultsRoot,
    force: true,
    ...("id" in asked ? { mustBe: asked.id } : {}),
  });
  const { certificate } = run.proofs;
  if (!certificate) throw new Error(`Run ${run.id} was left without a certificate`);
  return { run, certificate };
}

/** Ids are hex digits; a file of that name would still be meant where there is one. */
async function isRun(subject: string | readonly string[]): Promise<boolean> {
  if (typeof subject !== "string" || !/^[0-9a-f]{1,16}$/.test(subject)) return false;
  return !await stat(subject).then((found) => found.isFile(), () => false);
}

async function configuredPlan(
  subject: string | readonly string[],
  { define, dataRoot }: Pick<AuditRequest, "define" | "dataRoot">,
): Promise<LoadedPlan> {
  const options: PlanOptions = {
    ...(define ? { define } : {}),
    ...(dataRoot === undefined ? {} : { sets: [`data.root=${dataRoot}`] }),
  };
  return await loadPlan(subject, options);
}

async function finishedPlan(
  idOrPrefix: string,
  root: string,
  options: Pick<AuditRequest, "define" | "dataRoot">,
): Promise<{ readonly loaded: LoadedPlan; readonly id: string }> {
  const { id, folder } = await openRun(idOrPrefix, { resultsRoot: root });
  const { sound, findings } = readCard(await readFile(join(folder, CARD_FILE)), id);
  if (!sound) throw new Refusal(`Run ${id}: ${findings[0]!.message}`, { exitCode: 3 });
  const { card, plan } = sound;
  const [changed] = codeFindings(card.code, cardCode(await codeFingerprint()));
  if (changed) {
    throw new Refusal(`Run ${id} was made by other code, run it again: ${changed.message}`, {
      exitCode: 3,
    });
  }
  const loaded = await plannedRun({
    id,
    plan,
    sealed: card.sealed,
    root,
    ...options,
  });
  return { loaded, id };
}
