import type { LeakResult } from "../core/proofs.ts";

/** Audits every planted leak of the corpus and its clean twin; loaded only when it is asked for. */
export async function examineLeaks(): Promise<readonly LeakResult[]> {
  const corpus = await import("../engine/leaks/examine.ts");
  return corpus.examineLeaks();
}
