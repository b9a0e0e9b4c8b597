import { Refusal } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { Luck, Proofs } from "../core/proofs.ts";
import type { RunRecord } from "../core/run_record.ts";
import type { EngineProofs, ProofRequest } from "../engine/prove.ts";
import {
  cardText,
  envelopeOf,
  type ProofBinding,
  type ProofName,
  proofStore,
  type RunCard,
} from "../results/mod.ts";
import type { CodeFingerprint } from "./code_fingerprint.ts";

/** What a finished run is asked to prove: all of it unless said. */
export interface ProofWishes {
  /** False leaves out the causality certificate. */
  readonly audit?: boolean;
  /** False leaves out every proof: for the trials of a sweep, whose winner gets them all. */
  readonly proofs?: boolean;
}

/** The proofs that a request wants, in order. */
export function wantedProofs({ audit = true, proofs = true }: ProofWishes): readonly ProofName[] {
  if (!proofs) return [];
  return audit ? ["certificate", "envelope", "luck"] : ["envelope", "luck"];
}

/** What the engine has to do for these proofs; luck needs the record alone. */
export function engineWork(names: readonly ProofName[]): ProofRequest {
  return { certificate: names.includes("certificate"), envelope: names.includes("envelope") };
}

/** Ties proofs to the bytes of a run and to the code that proves. */
export function bindingOf(card: RunCard, code: CodeFingerprint): ProofBinding {
  return { run_id: card.run_id, card: sha256(cardText(card)), made_by: code.proofs };
}

/** The proofs of a run that are on file, as far as they are wanted, and the wanted ones that are not. */
export async function storedProofs(
  root: string,
  binding: ProofBinding,
  wanted: readonly ProofName[],
): Promise<{ readonly proofs: Proofs; readonly lacking: readonly ProofName[] }> {
  const { proofs } = await proofStore(root).read(binding);
  return { proofs, lacking: wanted.filter((name) => proofs[name] === undefined) };
}

/** The engine's proofs as they are stored, and what chance makes of the run, as far as it was asked for. */
export function withLuck(
  record: RunRecord,
  { certificate, envelope }: EngineProofs,
  luck: Luck | undefined,
): Proofs {
  return {
    ...(certificate && { certificate }),
    ...(envelope && { envelope: envelopeOf(record, envelope) }),
    ...(luck && { luck }),
  };
}

/** What the engine says of a run, or why it could not: then nothing is stored, and what is on file stays. */
export interface EngineAnswer {
  readonly proofs: EngineProofs;
  readonly unproved?: string;
}

/**
 * The engine's answer. A limit of time or memory, or a sandbox that ended, says nothing of causality: it is told, and no
 * reason to lose the run.
 */
export async function engineAnswer(engine: Promise<EngineProofs>): Promise<EngineAnswer> {
  try {
    return { proofs: await engine };
  } catch (error) {
    if (!(error instanceof Refusal) || error.message === "Interrupted") throw error;
    return { proofs: {}, unproved: error.message };
  }
}
