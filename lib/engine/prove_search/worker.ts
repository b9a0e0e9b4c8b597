// First of all, as in the sandbox's own worker: no clock, no chance and nothing outside is left when the rest is loaded.
import { serve } from "../lockdown.ts";
import "../shared.ts";
import { type ProofGround, type ProofSweep, runProofSweep } from "./proof_sweep.ts";
import type { SweepVerdict } from "./judge.ts";

/** What the worker is sent: first the ground, then one sweep after the other. */
export type ProofMessage =
  | { readonly ground: ProofGround }
  | { readonly sweep: ProofSweep };

/** What it answers: nothing to a ground, else a verdict, a refusal in one line, or the text of a broken promise. */
export type ProofReply =
  | { readonly status: "ready" }
  | { readonly status: "judged"; readonly verdict: SweepVerdict }
  | { readonly status: "refused" | "broken"; readonly message: string };

let ground: ProofGround | undefined;

function answer(message: ProofMessage): ProofReply {
  if ("ground" in message) {
    ground = message.ground;
    return { status: "ready" };
  }
  try {
    return { status: "judged", verdict: runProofSweep(ground!, message.sweep) };
  } catch (error) {
    const { name, message } = error as Error;
    return { status: name === "Refusal" ? "refused" : "broken", message };
  }
}

serve((message) => ({ reply: answer(message as ProofMessage), transfer: [] }));
