import { Refusal } from "../core/errors.ts";
import type { RunRecord } from "../core/run_record.ts";
import type { Model } from "../models/model.ts";
import { execute, type RunRequest } from "./execute.ts";
import { featureColumns, memoryOf, type ReadyColumn } from "./feature_shares.ts";
import { pulseOn } from "./pulse.ts";

/** What a sandbox is asked: a whole run, or only the features of some assets. */
export type SandboxRequest =
  & RunRequest
  & { readonly ask: "run" | "features"; readonly pulse: SharedArrayBuffer };

/** What it answers: what was asked for, a refusal in one line, or the text of a broken promise. */
export type SandboxReply =
  | { readonly status: "run"; readonly record: RunRecord }
  | { readonly status: "features"; readonly columns: readonly ReadyColumn[] }
  | { readonly status: "refused"; readonly message: string }
  | { readonly status: "broken"; readonly message: string };

/** Serves one request with these models; nothing is thrown. */
export function answerRequest(
  message: unknown,
  models: readonly Model[],
): { reply: SandboxReply; transfer: Transferable[] } {
  try {
    const { ask, pulse, plan, data, columns } = message as SandboxRequest;
    if (ask === "features") {
      const ready = featureColumns(plan, data, { models, pulse: pulseOn(pulse) });
      return { reply: { status: ask, columns: ready }, transfer: memoryOf(ready) };
    }
    const request = { plan, data, ...(columns ? { columns } : {}) };
    const record = execute(request, models, { pulse: pulseOn(pulse) });
    const transfer = [record.nav, record.cash].map(({ buffer }) => buffer as ArrayBuffer);
    return { reply: { status: ask, record }, transfer };
  } catch (error) {
    return { reply: failure(error), transfer: [] };
  }
}

function failure(error: unknown): SandboxReply {
  if (error instanceof Refusal) return { status: "refused", message: error.message };
  const message = error instanceof Error ? error.stack ?? error.message : String(error);
  return { status: "broken", message };
}
