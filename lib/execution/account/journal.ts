import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { formatTime } from "../../core/clock.ts";
import type { Journal, JournalEntry } from "../../core/ports.ts";
import type { Redact } from "./redact.ts";

/** The streams of an account under `logs/<account>/` (FR-057). */
export type LogStream = "trades" | "orders" | "performance" | "errors";

/** A journal in files: one JSON object a line, each through `redact`; warnings and errors are in `errors.log`, too. */
export function fileJournal(folder: string, redact: Redact): Journal {
  mkdirSync(folder, { recursive: true });
  return {
    write(entry) {
      const line = `${redact(lineOf(entry))}\n`;
      // At once and in order: a copy for people must not lag behind what they ask about.
      for (const stream of streamsOf(entry)) appendFileSync(join(folder, `${stream}.log`), line);
    },
  };
}

/** Tells several journals the same. */
export function allJournals(journals: readonly Journal[]): Journal {
  return {
    write(entry) {
      for (const journal of journals) journal.write(entry);
    },
  };
}

/** Where an entry belongs by its component. */
export function streamsOf({ component, level }: JournalEntry): readonly LogStream[] {
  const isTrouble = level === "warning" || level === "error";
  const own: LogStream = component === "trades" || component === "performance"
    ? component
    : "orders";
  return isTrouble ? [own, "errors"] : [own];
}

function lineOf({ timestamp, component, level, message, context }: JournalEntry): string {
  const time = formatTime(Math.trunc(timestamp));
  return JSON.stringify({ timestamp: time, component, level, message, context: context ?? {} });
}
