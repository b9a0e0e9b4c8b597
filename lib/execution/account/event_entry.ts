import type { JournalEntry } from "../../core/ports.ts";
import { type ChainRow, eventOf } from "./state_chain.ts";
import type { StateEvent } from "./state_events.ts";

/** The line that the logs have for an event; its link of the chain goes with it, so that heads leave the database. */
export function eventEntry(row: ChainRow): JournalEntry {
  const event = eventOf(row);
  const { kind, ...content } = event.kind === "inputs"
    ? { ...event, text: `${event.text.length} characters` } // the journal of inputs is the database's alone
    : event;
  return {
    timestamp: row.time,
    component: kind === "fill" ? "trades" : kind === "mark" ? "performance" : "orders",
    level: levelOf(event),
    message: kind === "order" ? `order ${(event as { state: string }).state}` : kind,
    context: { ...content, seq: row.seq, hash: row.hash },
  };
}

function levelOf(event: StateEvent): JournalEntry["level"] {
  switch (event.kind) {
    case "blocked":
      return "error";
    case "order":
      return ["UNKNOWN", "REFUSED", "REJECTED"].includes(event.state) ? "warning" : "info";
    case "missed":
    case "halt_ended":
    case "kill_on":
    case "adopted":
      return "warning";
    default:
      return "info";
  }
}
