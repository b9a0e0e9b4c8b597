import { eventOf, readRows } from "./state_chain.ts";
import type { LinkedEvent } from "./state_database.ts";

/** Every event of a state file, oldest first, without taking its lock. Whether they are what was written `verifyAccount` says. */
export async function readAccountEvents(file: string): Promise<readonly LinkedEvent[]> {
  const { DatabaseSync } = await import("node:sqlite"); // not everywhere that this module is bundled for
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return [...readRows(database)].map((row) => ({
      ...{ seq: row.seq, time: row.time, event: eventOf(row) },
    }));
  } finally {
    database.close();
  }
}
