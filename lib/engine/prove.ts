import type { Certificate, EnvelopeRecord } from "../core/proofs.ts";
import type { FeatureCache } from "../features/pipeline.ts";
import type { Model } from "../models/model.ts";
import { audit } from "./audit/audit.ts";
import { fillEnvelope } from "./envelope.ts";
import type { Pulse } from "./pulse.ts";
import type { Rehearsable } from "./simulate.ts";

/** What of a run is to be proved. */
export interface ProofRequest {
  readonly certificate: boolean;
  readonly envelope: boolean;
}

/** What came of it; absent is what was not asked for. */
export interface EngineProofs {
  readonly certificate?: Certificate;
  readonly envelope?: readonly EnvelopeRecord[];
}

/** Goes over a run again: its decisions under other fills, and without its future. */
export function prove(
  run: Rehearsable,
  models: readonly Model[],
  { certificate, envelope, ...surroundings }: ProofRequest & {
    readonly cache?: FeatureCache;
    readonly pulse?: Pulse;
  },
): EngineProofs {
  return {
    ...(envelope && { envelope: fillEnvelope(run.record, run.laid.market) }),
    ...(certificate && { certificate: audit(run, models, surroundings) }),
  };
}
