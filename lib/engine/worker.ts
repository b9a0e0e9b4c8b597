// First of all: models must find an empty world.
import { serve } from "./lockdown.ts";
import { Refusal } from "../core/errors.ts";
import type { RunRecord } from "../core/run_record.ts";
import { MODELS } from "../models/mod.ts";
import { execute, type RunRequest } from "./execute.ts";
import { pulseOn } from "./pulse.ts";

/** What the sandbox is asked. */
export interface SandboxRequest extends RunRequest {
  readonly pulse: SharedArrayBuffer;
}

/** What it answers: a record, a refusal in one line, or the text of a broken promise. */
export type SandboxReply =
  | { readonly status: "done"; readonly record: RunRecord }
  | { readonly status: "refused"; readonly message: string }
  | { readonly status: "broken"; readonly message: string };

serve((message) => {
  try {
    const { pulse, ...request } = message as SandboxRequest;
    const record = execute(request, MODELS, { pulse: pulseOn(pulse) });
    const reply: SandboxReply = { status: "done", record };
    return { reply, transfer: [record.nav.buffer, record.cash.buffer] as Transferable[] };
  } catch (error) {
    return { reply: failure(error), transfer: [] };
  }
});

function failure(error: unknown): SandboxReply {
  if (error instanceof Refusal) return { status: "refused", message: error.message };
  const message = error instanceof Error ? error.stack ?? error.message : String(error);
  return { status: "broken", message };
}
