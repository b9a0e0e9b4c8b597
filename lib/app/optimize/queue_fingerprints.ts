import { canonicalJson, sha256 } from "../../core/hash.ts";
import { codeFingerprint, searchFingerprint } from "../code_fingerprint.ts";

/** The fingerprint of everything that decides what a trial gives beside plan and data: equal here and elsewhere, equal bits. */
export async function trialCodeFingerprint(): Promise<string> {
  const [{ fingerprint }, searching] = await Promise.all([codeFingerprint(), searchFingerprint()]);
  return sha256(canonicalJson({ fingerprint, searching }));
}
