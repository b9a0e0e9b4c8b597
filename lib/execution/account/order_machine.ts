import type { DecimalText } from "../../core/ports.ts";
import type { SubmitAnswer, VenueOrder } from "../../core/trading.ts";
import { exact, larger, textOf } from "./exact.ts";

/**
 * What we know of one order. From SUBMITTING found at a start, and from UNKNOWN, only reads are allowed. REFUSED also says
 * that an order is proved never to have been accepted.
 */
export type OrderState =
  | "PLANNED"
  | "SUBMITTING"
  | "UNKNOWN"
  | "ACKED"
  | "PARTIAL"
  | "FILLED"
  | "CANCELED"
  | "EXPIRED"
  | "REJECTED"
  | "REFUSED";

/** Where an order stands. */
export interface OrderProgress {
  readonly state: OrderState;
  readonly quantity: DecimalText;
  readonly filled: DecimalText;
}

const NEXT: Readonly<Record<OrderState, readonly OrderState[]>> = {
  PLANNED: ["SUBMITTING", "REFUSED"],
  SUBMITTING: [
    "ACKED",
    "REFUSED",
    "UNKNOWN",
    "PARTIAL",
    "FILLED",
    "CANCELED",
    "EXPIRED",
    "REJECTED",
  ],
  // Back to SUBMITTING only where the venue refuses an id that it has seen.
  UNKNOWN: [
    "SUBMITTING",
    "ACKED",
    "REFUSED",
    "PARTIAL",
    "FILLED",
    "CANCELED",
    "EXPIRED",
    "REJECTED",
  ],
  ACKED: ["PARTIAL", "FILLED", "CANCELED", "EXPIRED", "REJECTED"],
  PARTIAL: ["FILLED", "CANCELED", "EXPIRED", "REJECTED"],
  FILLED: [],
  CANCELED: [],
  EXPIRED: [],
  REJECTED: [],
  REFUSED: [],
};

export const ORDER_STATES = Object.freeze(Object.keys(NEXT).sort()) as readonly OrderState[];

/** Whether an order never changes again. */
export function isTerminal(state: OrderState): boolean {
  return NEXT[state].length === 0;
}

/** Whether we do not know what became of a request that left, or may have. */
export function isAmbiguous(state: OrderState): boolean {
  return state === "SUBMITTING" || state === "UNKNOWN";
}

export function mayFollow(from: OrderState, to: OrderState): boolean {
  return NEXT[from].includes(to);
}

/** What is known after the venue told of an order: a stale answer moves nothing back, a finished order stays as it ended. */
export function observed(
  known: OrderProgress,
  seen: Pick<VenueOrder, "status" | "filled">,
): OrderProgress {
  const quantity = exact(known.quantity);
  const told = seen.status === "filled" ? quantity : exact(seen.filled);
  const filled = larger(exact(known.filled), told);
  const next = seenState(seen.status, filled.gte(quantity), filled.gt(0));
  return {
    quantity: known.quantity,
    filled: textOf(filled),
    state: mayFollow(known.state, next) ? next : known.state,
  };
}

function seenState(status: VenueOrder["status"], isWhole: boolean, isBegun: boolean): OrderState {
  if (status === "filled" || isWhole) return "FILLED";
  if (status === "working") return isBegun ? "PARTIAL" : "ACKED";
  return status === "canceled" ? "CANCELED" : status === "expired" ? "EXPIRED" : "REJECTED";
}

/** Whether a refusal says that the venue has seen the id before: that order exists, so nothing was refused. */
export function isDuplicate(answer: Extract<SubmitAnswer, { kind: "refused" }>): boolean {
  return answer.code === "40010001" ? /unique/i.test(answer.message) : /duplicate/i.test(
    `${answer.code} ${answer.message}`,
  );
}
