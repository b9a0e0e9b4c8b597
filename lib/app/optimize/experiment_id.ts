import { canonicalJson, sha256 } from "../../core/hash.ts";
import { planText } from "../../engine/plan.ts";
import type { CodeFingerprint } from "../code_fingerprint.ts";
import type { LoadedExperiment } from "./load_experiment.ts";

/** The id of an experiment: everything that decides its files, in 16 hex digits. */
export function experimentIdOf(
  { loaded, space, search }: LoadedExperiment,
  { data, code, searching }: {
    /** Fingerprints of what its trials read and run, and of the code that searches and judges. */
    readonly data: string;
    readonly code: CodeFingerprint;
    readonly searching: string;
  },
): string {
  return sha256(canonicalJson({
    plan: planText(loaded.plan),
    dimensions: space.dimensions,
    constraints: space.constraints.map(({ text }) => text),
    search,
    data,
    code: code.fingerprint,
    artefacts: code.artefacts,
    searching,
  })).slice(0, 16);
}
