import type { DatabaseSync } from "node:sqlite";
import { Refusal } from "../core/errors.ts";
import type { LifecycleEvent } from "../core/lifecycle.ts";
import { inTransaction } from "../core/transaction.ts";
import { type LedgerHead, readHead, replaceFile } from "./ledger.ts";
import { replaceLifecycleHead } from "./lifecycle_head.ts";
import { eventHash, insertEvent, rebuildStages, selectEvents } from "./lifecycle_rows.ts";
import { chainFaults, type CheckedPlaces, checkLifecycle } from "./lifecycle_check.ts";
import { eventLine, extendMirror, readMirror } from "./lifecycle_mirror.ts";

/**
 * Brings events, table, log and end back to what was written: from the database where its chain is whole, else from the
 * log where that is. Refuses when neither is.
 */
export function mendLifecycle(
  database: DatabaseSync,
  places: CheckedPlaces,
): readonly string[] {
  const faults = checkLifecycle(database, places);
  if (faults.length === 0) return [];
  return inTransaction(database, () => {
    const own = selectEvents(database);
    const logged = readMirror(places.mirror);
    const written = readHead(places.head);
    const wholeOwn = chainFaults(database).length === 0 && reaches(own, written);
    const wholeLog = logged !== undefined && isChain(logged) && reaches(logged, written);
    if (!wholeOwn && !wholeLog) throw beyondMending(faults[0]!.message, places);
    // Of two whole chains the longer one is the newer: the other was taken back to an earlier day.
    const useLog = wholeLog && (!wholeOwn || logged.length > own.length);
    const events = useLog ? logged : own;
    if (useLog) restore(database, events);
    rebuildStages(database, events);
    extendMirror(places.mirror, events);
    if (!useLog && faults.some(({ part }) => part === "log")) rewriteMirror(places.mirror, events);
    replaceLifecycleHead(database, places.head);
    return faults.map(({ message }) => message);
  });
}

function restore(database: DatabaseSync, events: readonly LifecycleEvent[]): void {
  database.exec("DELETE FROM lifecycle");
  for (const event of events) insertEvent(database, event);
}

function rewriteMirror(file: string, events: readonly LifecycleEvent[]): void {
  replaceFile(file, events.map((event) => `${eventLine(event)}\n`).join(""));
}

/** Whether each event continues the one before and is as it was written. */
function isChain(events: readonly LifecycleEvent[]): boolean {
  return events.every((event, i) => {
    const { hash, ...covered } = event;
    return event.seq === i + 1 && event.prev_hash === (events[i - 1]?.hash ?? "") &&
      eventHash(covered) === hash;
  });
}

/** Whether the end that was written down is among the events; there may be newer ones. */
function reaches(
  events: readonly LifecycleEvent[],
  written: LedgerHead | "damaged" | undefined,
): boolean {
  if (written === undefined || written === "damaged") return true;
  return events[written.seq - 1]?.hash === written.hash;
}

function beyondMending(fault: string, { mirror }: CheckedPlaces): Refusal {
  return new Refusal(
    `The history of models cannot be mended: ${fault}, and ${mirror} is not whole either; ` +
      "restore results/ and logs/ from a backup",
  );
}
