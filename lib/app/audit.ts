import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { Certificate } from "../core/proofs.ts";
import { backtest, type Run } from "./backtest.ts";
import { CARD_FILE, runStore } from "../results/mod.ts";
import { cardCode } from "./card_parts.ts";
import { codeFingerprint } from "./code_fingerprint.ts";
import { type LoadedPlan, loadPlan, type PlanOptions } from "./load_plan.ts";
import { plannedRun } from "./planned_run.ts";
import { RESULTS_ROOT } from "./project.ts";
import { openRun } from "./runs.ts";
import type { VerifyOptions } from "./verify.ts";
import { readCard } from "./verify_card.ts";
import { codeFindings } from "./verify_code.ts";

/** How a run is audited; none of it changes the result. */
export type AuditRequest = Omit<VerifyOptions, "code">;

/** A run with a certificate that was made just now. */
export interface Audited {
  readonly run: Run;
  readonly certificate: Certificate;
}

/**
 * Audits a finished run, or the run of configuration files: computes it again, byte for byte, and goes over it without its
 * future, whatever certificate there is. Refuses a run that other code, another runtime or other data have made, and one
 * that reaches a limit of time or memory.
 */
export async function audit(
  subject: string | readonly string[],
  { resultsRoot = RESULTS_ROOT, dataRoot, define, ...request }: AuditRequest = {},
): Promise<Audited> {
  const options = {
    ...(dataRoot === undefined ? {} : { dataRoot }),
    ...(define === undefined ? {} : { define }),
  };
  refuseEmpty(subject);
  const asked = typeof subject !== "string" || await isFile(subject)
    ? { loaded: await configuredPlan(subject, options) }
    : await finishedPlan(subject, resultsRoot, options);
  const run = await backtest(asked.loaded, {
    ...request,
    clock: request.clock ?? systemClock,
    resultsRoot,
    force: true,
    ...("id" in asked ? { mustBe: asked.id } : {}),
  });
  const { certificate } = run.proofs;
  if (!certificate) {
    throw new Refusal(
      `Run ${run.id} could not be audited: ${run.unproved ?? "nothing was proved"}`,
    );
  }
  return { run, certificate };
}

function refuseEmpty(subject: string | readonly string[]): void {
  if (subject !== "" && !(Array.isArray(subject) && subject.includes(""))) return;
  throw new Refusal('Audit: found "", expected a run id, its beginning or a configuration file');
}

/** Where a file is named like a run, the file is meant. */
async function isFile(subject: string): Promise<boolean> {
  return await stat(subject).then((found) => !found.isDirectory(), () => false);
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
  const id = await runStore(root).resolve(idOrPrefix, { or: "configuration file" });
  const { folder } = await openRun(id, { resultsRoot: root });
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
