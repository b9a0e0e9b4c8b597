import type { DatabaseSync } from "node:sqlite";
import { Refusal } from "../core/errors.ts";
import type { LifecycleDraft, LifecycleEvent } from "../core/lifecycle.ts";
import { inTransaction } from "../core/transaction.ts";
import { checkLifecycle, type LifecycleFault } from "./lifecycle_check.ts";
import {
  eventHash,
  insertEvent,
  rebuildStages,
  selectEvents,
  selectStages,
} from "./lifecycle_rows.ts";
import { mendLifecycle } from "./lifecycle_mend.ts";
import { lifecycleHeadFile, newestEvent, writeLifecycleHead } from "./lifecycle_head.ts";
import { extendMirror } from "./lifecycle_mirror.ts";

/** Where what became of models is kept: the database, the end of its chain, and a log that says the same. */
export interface LifecyclePlaces {
  readonly databaseFile: string;
  /** One event a line, as JSON. */
  readonly mirror: string;
}

/** Everything that became of models: events that are only ever added. */
export interface LifecycleRecord {
  /**
   * Adds events, all or none. Refuses when others were added after `after`, the number of the newest that was known: what
   * was decided on may no longer hold.
   */
  append(
    drafts: readonly LifecycleDraft[],
    known?: { readonly after: number },
  ): readonly LifecycleEvent[];
  /** Oldest first. */
  events(): readonly LifecycleEvent[];
  /** Where each model stands by the table that anybody may look into. */
  stages(): ReadonlyMap<string, string>;
  /** What is not as it was written; empty when all is. */
  check(): readonly LifecycleFault[];
  /** Brings table, log and end of the chain back to what the intact one of them says; what it did, a line each. */
  mend(): readonly string[];
}

/** The record of lifecycles in an open database. */
export function lifecycleRecord(
  database: DatabaseSync,
  { databaseFile, mirror }: LifecyclePlaces,
): LifecycleRecord {
  const head = lifecycleHeadFile(databaseFile);
  return {
    append(drafts, known) {
      const added = inTransaction(database, () => appendEvents(database, drafts, known));
      if (added[0]) writeLifecycleHead(database, head, { first: added[0].seq });
      inTransaction(database, () => extendMirror(mirror, selectEvents(database)));
      return added;
    },
    events: () => selectEvents(database),
    stages: () => selectStages(database),
    check: () => checkLifecycle(database, { head, mirror }),
    mend: () => mendLifecycle(database, { head, mirror }),
  };
}

function appendEvents(
  database: DatabaseSync,
  drafts: readonly LifecycleDraft[],
  known: { readonly after: number } | undefined,
): readonly LifecycleEvent[] {
  const newest = newestEvent(database);
  if (known !== undefined && (newest?.seq ?? 0) !== known.after) {
    throw new Refusal(
      "Somebody else changed the lifecycle of a model meanwhile, expected nothing new " +
        `after event ${known.after}, found event ${newest?.seq}; look at it and try again`,
    );
  }
  const added: LifecycleEvent[] = [];
  let { seq, hash } = newest ?? { seq: 0, hash: "" };
  for (const draft of drafts) {
    const chained = { ...draft, seq: seq + 1, prev_hash: hash };
    const event: LifecycleEvent = { ...chained, hash: eventHash(chained) };
    insertEvent(database, event);
    added.push(event);
    ({ seq, hash } = event);
  }
  rebuildStages(database, selectEvents(database));
  return added;
}
