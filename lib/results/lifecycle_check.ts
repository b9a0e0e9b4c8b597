import type { DatabaseSync } from "node:sqlite";
import type { LifecycleEvent } from "../core/lifecycle.ts";
import type { LedgerHead } from "./ledger.ts";
import { missing } from "./ledger_check.ts";
import { headFaults } from "./lifecycle_head.ts";
import { rowHash, selectEvents, selectStages, stagesOf } from "./lifecycle_rows.ts";
import { compareMirror } from "./lifecycle_mirror.ts";

/** Something of the record of lifecycles that is not as it was written. */
export interface LifecycleFault {
  /** What of it: the events, what was written down of their end, the table of stages, or the log. */
  readonly part: "events" | "head" | "stages" | "log";
  /** One line that says all of it. */
  readonly message: string;
  /** Whom it is about, where that can be said. */
  readonly model?: string;
  /** Of a log that was cut or cleared away: it says nothing wrong, and the next event brings the rest along. */
  readonly harmless?: true;
}

/** Where the end of the chain and the log lie. */
export interface CheckedPlaces {
  readonly head: string;
  readonly mirror: string;
}

/** Recomputes every event, the chain, the table that follows from it, and compares the log. */
export function checkLifecycle(
  database: DatabaseSync,
  { head, mirror }: CheckedPlaces,
): readonly LifecycleFault[] {
  const events = selectEvents(database);
  return [
    ...chainFaults(database),
    ...headFaults(database, head),
    ...stageFaults(database, events),
    ...compareMirror(mirror, events),
  ];
}

/** The chain by itself. */
export function chainFaults(database: DatabaseSync): readonly LifecycleFault[] {
  const faults: LifecycleFault[] = [];
  let before: LedgerHead = { seq: 0, hash: "" };
  const rows = database.prepare("SELECT * FROM lifecycle ORDER BY seq").iterate();
  for (const row of rows) {
    const [seq, model] = [Number(row.seq), String(row.model)];
    const fault = (what: string) =>
      faults.push({ part: "events", message: `lifecycle event ${seq} ${what}`, model });
    if (seq !== before.seq + 1) fault(missing(before.seq, seq));
    else if (row.prev_hash !== before.hash) fault("does not continue the event before it");
    if (rowHash({ ...row }) !== row.hash) fault("was changed: its hash is not that of its columns");
    before = { seq, hash: String(row.hash) };
  }
  return faults;
}

function stageFaults(
  database: DatabaseSync,
  events: readonly LifecycleEvent[],
): readonly LifecycleFault[] {
  const expected = stagesOf(events);
  const found = selectStages(database);
  const models = [...new Set([...expected.keys(), ...found.keys()])].sort();
  return models.filter((model) => expected.get(model) !== found.get(model)).map((model) => ({
    part: "stages",
    model,
    message: `model_stages says ${found.get(model) ?? "nothing"} of ${model}, ` +
      `its events say ${expected.get(model) ?? "nothing"}`,
  }));
}
