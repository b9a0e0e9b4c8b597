import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { canonicalJson } from "../core/hash.ts";
import type { LifecycleEvent } from "../core/lifecycle.ts";
import type { LifecycleFault } from "./lifecycle_check.ts";

/** An event as it stands in the log: time, operator and reason among the rest (FR-022). */
export function eventLine(event: LifecycleEvent): string {
  return canonicalJson(event);
}

/** Adds to the log the events that it lacks; a log that says something else stays as it is, for the check to tell. */
export function extendMirror(file: string, events: readonly LifecycleEvent[]): void {
  const lines = readLines(file);
  const expected = events.map(eventLine);
  if (lines.some((line, i) => line !== expected[i])) return;
  const lacking = expected.slice(lines.length);
  if (lacking.length === 0) return;
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, "a");
  try {
    writeSync(handle, lacking.map((line) => `${line}\n`).join(""));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** How the log differs from the events; at most one fault. */
export function compareMirror(
  file: string,
  events: readonly LifecycleEvent[],
): readonly LifecycleFault[] {
  const lines = readLines(file);
  const name = file.split(/[\\/]/).at(-1)!;
  const fault = (message: string) => ({ part: "log" as const, message: `${name}: ${message}` });
  const expected = events.map(eventLine);
  const odd = expected.findIndex((line, i) => lines[i] !== line);
  if (odd < 0) {
    return lines.length > expected.length
      ? [fault(`line ${expected.length + 1} is an event that is not on record`)]
      : [];
  }
  if (lines[odd] !== undefined) {
    return [fault(`line ${odd + 1} is not event ${events[odd]!.seq} as it is on record`)];
  }
  const lacking = fault(`found ${lines.length} events, expected ${expected.length}`);
  return [{ ...lacking, harmless: true }];
}

/** The events in the log as far as they can be read; undefined where a line is no event. */
export function readMirror(file: string): readonly LifecycleEvent[] | undefined {
  try {
    return readLines(file).map((line) => JSON.parse(line) as LifecycleEvent);
  } catch {
    return undefined;
  }
}

/** Lines without the empty one at the end; none where there is no file. */
function readLines(file: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return [];
    throw error;
  }
  const lines = text.split("\n");
  // What a crash left without its end is a line all the same, and a fault.
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
