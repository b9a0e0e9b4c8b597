import type { CorporateAction, Millis } from "./bars.ts";
import type { DecimalText } from "./ports.ts";

/** Which way an order goes. */
export type OrderSide = "buy" | "sell";

/** One order as it leaves us: once, under an id that says which decision it carries out. */
export interface VenueRequest {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  /** Units, above 0, on the venue's lots. */
  readonly quantity: DecimalText;
  /** A limit order where given, else a market order. */
  readonly limitPrice?: DecimalText;
}

/** Where an order stands at its venue. `working` may still fill, the others never change again. */
export type VenueOrderStatus = "working" | "filled" | "canceled" | "expired" | "rejected";

/** An order as a venue tells of it. */
export interface VenueOrder {
  /** Empty for an order that nobody named. */
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly quantity: DecimalText;
  readonly filled: DecimalText;
  readonly status: VenueOrderStatus;
}

/** One execution; `tradeId` is the venue's own, one of a kind on that account and symbol (Binance counts per symbol). */
export interface VenueFill {
  readonly tradeId: string;
  readonly venueOrderId: string;
  /** Empty where the venue's list of fills does not say it; the order does. */
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly quantity: DecimalText;
  readonly price: DecimalText;
  readonly fee: DecimalText;
  /** What the fee was taken in: `USD`, or the coin that was bought. */
  readonly feeAsset: string;
  readonly time: Millis;
}

/**
 * What did something to the account that was no order of ours: a company's dividend or split, the venue's fee or interest.
 * Cash that came in and units that came; below 0 they went.
 */
export interface VenueAction {
  /** One of a kind on that account. */
  readonly actionId: string;
  readonly action: CorporateAction["kind"] | "fee" | "interest";
  /** Empty where it is about none. */
  readonly symbol: string;
  readonly cash: DecimalText;
  readonly units: DecimalText;
  /** When the venue booked it, which may be after its ex-date. */
  readonly time: Millis;
}

/** What came of sending an order. Whatever is no acknowledgement and no refusal from a known list is unknown. */
export type SubmitAnswer =
  | { readonly kind: "acknowledged"; readonly order: VenueOrder }
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  | { readonly kind: "unknown"; readonly message: string };

/** What came of looking an order up. A miss is no proof of absence by itself. */
export type LookUpAnswer =
  | { readonly kind: "found"; readonly order: VenueOrder }
  | { readonly kind: "missing" }
  | { readonly kind: "unknown"; readonly message: string };

/** What the account holds: units by symbol, other than 0, and cash. */
export interface VenueAccount {
  /** The venue's own number of the account, not the key's. */
  readonly accountNumber: string;
  readonly cash: DecimalText;
  readonly positions: Readonly<Record<string, DecimalText>>;
}

/** What the venue takes of one symbol. */
export interface VenueRules {
  readonly minQuantity: DecimalText;
  /** Quantities are whole multiples of it. */
  readonly quantityStep: DecimalText;
  readonly priceStep: DecimalText;
  /** Least money of an order; 0 where there is none. */
  readonly minNotional: DecimalText;
}

/** The venue's clock, and its session where it has one; a market that never closes is open for ever. */
export interface VenueClock {
  readonly time: Millis;
  readonly isOpen: boolean;
  readonly nextOpen: Millis | null;
  readonly nextClose: Millis | null;
}

/**
 * A trading venue with one account (FR-041, FR-042). Reads may be tried again, `submit` sends exactly one request and never
 * throws for what the venue or the network did; reads throw a Refusal when they cannot be answered.
 */
export interface Venue {
  readonly name: "alpaca" | "binance" | "kraken" | "paper";
  readonly mode: "paper" | "live";
  /** Whether a client order id is refused for ever once it was used, so that sending it again is harmless. */
  readonly idsAreUnique: boolean;
  /** How long after its time stamp a request can still be accepted; how long its result may take to show. */
  readonly settleMs: { readonly acceptance: number; readonly visibility: number };
  account(): Promise<VenueAccount>;
  /** With the session in which a symbol trades; without one, that of the venue's equities where it trades any. */
  clock(symbol?: string): Promise<VenueClock>;
  rules(symbol: string): Promise<VenueRules>;
  /** Last price of each symbol, for sizing and marking. */
  prices(symbols: readonly string[]): Promise<Readonly<Record<string, DecimalText>>>;
  submit(request: VenueRequest): Promise<SubmitAnswer>;
  find(clientOrderId: string, symbol: string): Promise<LookUpAnswer>;
  /** Orders that may still fill, ours and others', parked ones too. */
  openOrders(): Promise<readonly VenueOrder[]>;
  /** Orders of a symbol since a time, finished ones too: the second proof of absence. */
  ordersSince(symbol: string, since: Millis): Promise<readonly VenueOrder[]>;
  /** Fills at or after a time, oldest first, each once. */
  fillsSince(symbols: readonly string[], since: Millis): Promise<readonly VenueFill[]>;
  /** Actions booked at or after a time, where the venue tells of them; without it they show as drift. */
  actionsSince?(since: Millis): Promise<readonly VenueAction[]>;
  /** True when the order is known to be finished afterwards, however it ended. */
  cancel(order: VenueOrder): Promise<boolean>;
}
