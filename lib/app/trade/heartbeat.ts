import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pid } from "node:process";
import { writeFileAtomically } from "../../core/atomic_file.ts";
import type { Millis } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";

/** What the loop is at. `distrust`: clocks disagree; `killed`: the kill switch is on. */
export type LoopState = "waiting" | "working" | "distrust" | "killed" | "stopped";

/** What the loop tells of itself, for whoever watches from outside. */
export interface Heartbeat {
  readonly at: Millis;
  readonly state: LoopState;
  /** What is due next; null once the loop has ended. */
  readonly next: { readonly at: Millis; readonly what: string } | null;
  /** What came of the last visit to the account, in one line. */
  readonly last: string;
  /** Bars in a row on which the broker failed. */
  readonly brokerFailures: number;
}

/** The heartbeat file of an account. */
export function heartbeatFile(stateFolder: string, account: string): string {
  return join(stateFolder, `${account}.heartbeat.json`);
}

/** Replaces the heartbeat as a whole. */
export async function writeHeartbeat(file: string, beat: Heartbeat): Promise<void> {
  const { at, next } = beat;
  const document = {
    ...beat,
    pid,
    at: formatTime(Math.trunc(at)),
    next: next && { ...next, at: formatTime(next.at) },
  };
  await writeFileAtomically(file, new TextEncoder().encode(`${JSON.stringify(document)}\n`));
}

/** The heartbeat as it was written, times as text; undefined when there is none that can be read. */
export async function readHeartbeat(
  file: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
}
