import type { Millis } from "../../core/bars.ts";
import type { DecimalText } from "../../core/ports.ts";
import type { OrderSide, VenueAction, VenueFill } from "../../core/trading.ts";
import type { OrderLeg } from "./client_order_id.ts";
import type { OrderState } from "./order_machine.ts";

/** What the ledger says is there: units by symbol, other than 0, and cash. */
export interface Balances {
  readonly cash: DecimalText;
  readonly positions: Readonly<Record<string, DecimalText>>;
}

/** The account as it was met for the first time. */
export interface Opening extends Balances {
  readonly venue: string;
  readonly mode: string;
  readonly accountNumber: string;
}

/** One decision as it is to be carried out; quantities are final, however long it waits for its market. */
export interface DecisionRecord {
  readonly barCloseTime: Millis;
  readonly configHash: string;
  readonly codeHash: string;
  readonly inputsHash: string;
  /** NAV and prices that turned weights into units. */
  readonly nav: DecimalText;
  readonly weights: Readonly<Record<string, DecimalText>>;
  readonly prices: Readonly<Record<string, DecimalText>>;
  /** Units to hold; symbols that are not named are left alone. */
  readonly targets: Readonly<Record<string, DecimalText>>;
}

/** An order as it was meant, written down before it leaves. */
export interface PlannedOrder {
  readonly clientOrderId: string;
  readonly barCloseTime: Millis;
  readonly symbol: string;
  readonly leg: OrderLeg;
  readonly attempt: number;
  readonly side: OrderSide;
  readonly quantity: DecimalText;
  /** A limit order where given, else a market order. */
  readonly limitPrice: DecimalText | null;
}

/** Why nothing is sent for a symbol: an order of unknown fate, holdings that our fills do not explain, prices in doubt. */
export type BlockKind = "quarantine" | "drift" | "instance" | "data";

/** Stands for all symbols of the account. */
export const WHOLE_ACCOUNT = "*";

/** A reason not to trade a symbol, or its end. */
export interface BlockFact {
  readonly symbol: string;
  readonly block: BlockKind;
  readonly reason: string;
}

/** What decisions carry on from one to the next, in their own words; the account only keeps it. */
export interface DecisionMemory {
  readonly barCloseTime: Millis;
  /** Link of the chain up to which what happened is part of it. */
  readonly settledTo: number;
  readonly text: string;
}

/** What a decision saw, in the words of whoever decides: the difference from what the one before it saw. */
export interface DecisionInputs {
  readonly barCloseTime: Millis;
  readonly text: string;
  /** Our clock less the venue's when the decision was written down, milliseconds; null where the venue did not say. */
  readonly skewMs: number | null;
}

/** Everything that ever happens to the state; each is one link of the chain. */
export type StateEvent =
  | ({ readonly kind: "opened" } & Opening)
  | ({ readonly kind: "decision" } & DecisionRecord)
  | ({ readonly kind: "inputs" } & DecisionInputs)
  | ({ readonly kind: "memory" } & DecisionMemory)
  | { readonly kind: "missed"; readonly barCloseTime: Millis; readonly reason: string }
  | {
    readonly kind: "halt_ended";
    readonly operator: string;
    readonly reason: string;
    readonly nav: DecimalText;
  }
  | { readonly kind: "decision_done"; readonly barCloseTime: Millis }
  | {
    readonly kind: "skipped";
    readonly barCloseTime: Millis;
    readonly symbol: string;
    readonly reason: string;
    readonly quantity: DecimalText;
  }
  | ({
    readonly kind: "planned";
    /** The venue's price when the order was about to leave. */
    readonly arrivalPrice?: DecimalText;
  } & PlannedOrder)
  | {
    readonly kind: "order";
    readonly clientOrderId: string;
    readonly state: OrderState;
    readonly filled: DecimalText;
    readonly venueOrderId: string;
    readonly reason: string;
  }
  | ({ readonly kind: "fill" } & VenueFill)
  | ({ readonly kind: "corporate_action" } & VenueAction)
  | { readonly kind: "synced"; readonly until: Millis }
  | ({ readonly kind: "blocked" } & BlockFact)
  | ({ readonly kind: "unblocked" } & BlockFact)
  | ({ readonly kind: "anchored" } & Balances)
  | {
    readonly kind: "adopted";
    readonly operator: string;
    readonly reason: string;
    readonly before: Balances;
    readonly after: Balances;
  }
  | {
    readonly kind: "kill_on" | "kill_off";
    readonly operator: string;
    readonly reason: string;
    readonly flatten: boolean;
  }
  | ({
    readonly kind: "mark";
    readonly nav: DecimalText;
    /** The venue's prices that NAV was told at, by symbol held. */
    readonly prices?: Readonly<Record<string, DecimalText>>;
  } & Balances);
