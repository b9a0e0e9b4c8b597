import type { Clock } from "../core/clock.ts";
import type { Proofs } from "../core/proofs.ts";
import type { Sandbox } from "../engine/sandbox.ts";
import { type ProofName, type RunCard, runFiles } from "../results/mod.ts";
import { cardParts } from "./card_parts.ts";
import type { CodeFingerprint } from "./code_fingerprint.ts";
import type { LoadedData } from "./load_data.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { computeRun, refuseInterrupted } from "./make_run.ts";
import { withLuck } from "./proofs.ts";
import { outcomeIdOf } from "./run_id.ts";
import type { Finding } from "./verify_finding.ts";

/** A finished run, to be made once more under its own id; nothing of it is stored. */
export interface RunToRepeat {
  readonly id: string;
  readonly loaded: LoadedPlan;
  readonly data: LoadedData;
  readonly code: CodeFingerprint;
  readonly sandbox: Sandbox | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, count: number) => void) | undefined;
}

/** What came out this time. */
export interface RepeatedRun {
  readonly card: RunCard;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Those that were asked for, as they come back from their files. */
  readonly proofs: Proofs;
  /** Why the engine's proofs could not be made, in one line. */
  readonly unproved?: string;
  /** The models given may not be those of the run. */
  readonly findings: readonly Finding[];
}

/** Computes a run once more, with these kinds of proof. */
export async function repeatRun(
  request: RunToRepeat,
  names: readonly ProofName[],
): Promise<RepeatedRun> {
  const { id, loaded, data, code, signal } = request;
  const { record, derived, luck, engine } = await computeRun(request, names);
  const { proofs: answered, unproved } = await engine;
  refuseInterrupted(signal);
  const proofs = withLuck(record, answered, luck);
  const outcome = loaded.sealed ? id : outcomeIdOf(loaded, data, { code, record });
  const { card, files } = await runFiles(id, { record, derived, parts: cardParts(request) });
  const message = `the models given decide otherwise: found outcome ${outcome}, expected ${id}`;
  return {
    card,
    files,
    proofs: JSON.parse(JSON.stringify(proofs)) as Proofs,
    ...(unproved === undefined ? {} : { unproved }),
    findings: outcome === id ? [] : [{ kind: "code", message, expected: id, found: outcome }],
  };
}
