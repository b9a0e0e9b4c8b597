import { stat } from "node:fs/promises";
import { Refusal } from "../../core/errors.ts";
import { type ChainHead, eventOf, faultOf, FIRST_HASH, readRows } from "./state_chain.ts";
import type { LinkedEvent } from "./state_database.ts";

/** An event with the hash that stands for it and all before it. */
export interface HashedEvent extends LinkedEvent {
  readonly hash: string;
}

/**
 * Everything that ever happened to an account, oldest first, every link checked: for whoever only reads. Undefined where
 * there is no such file. Refuses a chain that is not what was written.
 */
export async function readLinks(file: string): Promise<readonly HashedEvent[] | undefined> {
  if (!await stat(file).then((found) => found.isFile(), () => false)) return undefined;
  const { DatabaseSync } = await import("node:sqlite"); // not everywhere that this module is bundled for
  const refuse = (reason: string, cause?: unknown) =>
    new Refusal(`Cannot read ${file}: ${reason}, expected the state of an account`, { cause });
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const events: HashedEvent[] = [];
      let head: ChainHead = { seq: 0, hash: FIRST_HASH };
      for (const row of readRows(database)) {
        const fault = faultOf(row, head);
        if (fault !== undefined) throw refuse(`row ${head.seq + 1} of its chain: ${fault}`);
        head = { seq: row.seq, hash: row.hash };
        events.push({ ...head, time: row.time, event: eventOf(row) });
      }
      return events;
    } finally {
      database.close();
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause);
  }
}
