import type { DatabaseSync } from "node:sqlite";
import { canonicalJson, sha256 } from "../core/hash.ts";
import { type LifecycleEvent, type Stage, stageEvent } from "../core/lifecycle.ts";
import { insert } from "./database_sql.ts";

/** The hash that an event must have, its details as canonical JSON. */
export function eventHash({ details, ...columns }: Omit<LifecycleEvent, "hash">): string {
  return rowHash({ ...columns, details: canonicalJson(details) });
}

/** The same of a row, whose details are text. */
export function rowHash(row: Readonly<Record<string, unknown>>): string {
  const { hash: _, ...covered } = row;
  return sha256(canonicalJson(covered));
}

/** Adds an event just as it is. */
export function insertEvent(database: DatabaseSync, event: LifecycleEvent): void {
  const { seq, at, model, kind, from_stage, to_stage, operator, reason } = event;
  insert(database, "lifecycle", {
    ...{ seq, at, model, kind, from_stage, to_stage, operator, reason },
    details: canonicalJson(event.details),
    prev_hash: event.prev_hash,
    hash: event.hash,
  });
}

/** Oldest first; details that are no JSON are empty, which the check tells. */
export function selectEvents(database: DatabaseSync): readonly LifecycleEvent[] {
  const rows = database.prepare("SELECT * FROM lifecycle ORDER BY seq").all();
  return rows.map((row) => ({
    ...row,
    details: detailsOf(String(row.details)),
  })) as unknown as LifecycleEvent[];
}

function detailsOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Where each model stands by the table, which may have been edited by hand. */
export function selectStages(database: DatabaseSync): ReadonlyMap<string, string> {
  const rows = database.prepare("SELECT model, stage FROM model_stages ORDER BY model").all();
  return new Map(rows.map(({ model, stage }) => [String(model), String(stage)]));
}

/** Where each model that ever moved stands by its events. */
export function stagesOf(events: readonly LifecycleEvent[]): ReadonlyMap<string, Stage> {
  const models = [...new Set(events.map(({ model }) => model))].sort();
  return new Map(models.flatMap((model) => {
    const event = stageEvent(events, model);
    return event ? [[model, event.to_stage] as const] : [];
  }));
}

/** Writes the table anew from the events. Only inside a transaction. */
export function rebuildStages(database: DatabaseSync, events: readonly LifecycleEvent[]): void {
  database.exec("DELETE FROM model_stages");
  for (const [model, stage] of stagesOf(events)) {
    const { at, seq } = stageEvent(events, model)!;
    insert(database, "model_stages", { model, stage, since: at, seq });
  }
}
