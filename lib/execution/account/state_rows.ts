import type { DatabaseSync } from "node:sqlite";
import type { Millis } from "../../core/bars.ts";
import type { DecimalText } from "../../core/ports.ts";
import type { VenueFill } from "../../core/trading.ts";
import type { OrderLeg } from "./client_order_id.ts";
import type { OrderState } from "./order_machine.ts";
import type {
  Balances,
  BlockKind,
  DecisionMemory,
  DecisionRecord,
  Opening,
  PlannedOrder,
} from "./state_events.ts";
import { CASH } from "./state_projection.ts";
import { statement } from "./statements.ts";

/** An order and what became of it so far. */
export interface Intent extends PlannedOrder {
  readonly state: OrderState;
  /** Units that the venue says were filled, and units in the fills that it has shown. */
  readonly filled: DecimalText;
  readonly booked: DecimalText;
  /** Whether fills that were missing were taken over with the holdings: what shows later changes no balance. */
  readonly adopted: boolean;
  /** Empty until the venue has told it. */
  readonly venueOrderId: string;
  /** When it was last sent, or null. */
  readonly sentAt: Millis | null;
  readonly sends: number;
  readonly ambiguousSince: Millis | null;
  readonly reason: string;
}

/** A decision and whether it is still to be carried out. */
export interface StoredDecision extends DecisionRecord {
  readonly decidedAt: Millis;
  readonly state: "open" | "done" | "superseded";
}

/** Why a symbol, or `*` for all, is not traded. */
export interface Block {
  readonly symbol: string;
  readonly kind: BlockKind;
  readonly reason: string;
  readonly since: Millis;
}

/** An accepted difference between ledger and venue. */
export interface Adoption {
  readonly time: Millis;
  readonly operator: string;
  readonly reason: string;
  readonly before: Balances;
  readonly after: Balances;
}

/** NAV and holdings at one moment. */
export interface Mark extends Balances {
  readonly time: Millis;
  readonly nav: DecimalText;
}

/** What the tables say; decisions, intents, fills and marks oldest first. */
export interface AccountRows {
  opening(): Omit<Opening, keyof Balances> & { readonly openedAt: Millis } | undefined;
  balances(): Balances;
  /** Fills have been read up to here. */
  syncedUntil(): Millis;
  newestDecision(): StoredDecision | undefined;
  decisions(): readonly StoredDecision[];
  /** The newest memory of the decisions. */
  memory(): DecisionMemory | undefined;
  isMissed(barCloseTime: Millis): boolean;
  intents(): readonly Intent[];
  /** Orders that may still change, ambiguous ones too. */
  openIntents(): readonly Intent[];
  /** Orders that may still change, or whose fills do not all show yet. */
  unsettledIntents(): readonly Intent[];
  intentsOf(barCloseTime: Millis): readonly Intent[];
  intent(clientOrderId: string): Intent | undefined;
  /** Venues number orders and trades one of a kind within a symbol. */
  intentOfVenueOrder(symbol: string, venueOrderId: string): Intent | undefined;
  fills(): readonly VenueFill[];
  hasFill(symbol: string, tradeId: string): boolean;
  hasAction(actionId: string): boolean;
  /** Fills that were booked since holdings were last found equal to the venue's. */
  fillsSinceMark(): number;
  blocks(): readonly Block[];
  adoptions(): readonly Adoption[];
  marks(): readonly Mark[];
  newestMark(): Mark | undefined;
  isSkipped(barCloseTime: Millis, symbol: string): boolean;
}

type Row = Readonly<Record<string, string | number | null>>;

/** Newest first along the key: a file has one account, and a session asks for its newest decision all the time. */
const BY_CLOSE = "account DESC, bar_close_ts DESC";

const OPEN = "state IN ('PLANNED', 'SUBMITTING', 'UNKNOWN', 'ACKED', 'PARTIAL')";

/** Questions to the tables of one open file. */
export function readRowsOf(database: DatabaseSync): AccountRows {
  const all = (sql: string, ...values: readonly (string | number)[]) =>
    statement(database, sql).all(...values) as unknown as readonly Row[];
  const one = (sql: string, ...values: readonly (string | number)[]) =>
    statement(database, sql).get(...values) as unknown as Row | undefined;
  const meta = (key: string) => one("SELECT value FROM meta WHERE key = ?", key)?.value;
  const intents = (condition: string, ...values: readonly (string | number)[]) =>
    all(`SELECT * FROM intent ${condition} ORDER BY rowid`, ...values).map(intentOf);
  return {
    opening() {
      const accountNumber = meta("account_number");
      if (accountNumber === undefined) return undefined;
      return {
        accountNumber: String(accountNumber),
        venue: String(meta("venue")),
        mode: String(meta("mode")),
        openedAt: Number(meta("opened_at")),
      };
    },
    balances: () => balancesOf(all("SELECT * FROM balance ORDER BY asset")),
    syncedUntil: () => Number(meta("synced_until") ?? 0),
    newestDecision() {
      const row = one(`SELECT * FROM decision ORDER BY ${BY_CLOSE} LIMIT 1`);
      return row && decisionOf(row);
    },
    decisions: () => all("SELECT * FROM decision ORDER BY bar_close_ts").map(decisionOf),
    memory() {
      const row = one("SELECT * FROM memory ORDER BY seq DESC LIMIT 1");
      if (!row) return undefined;
      const { bar_close_ts, settled_to, text } = row;
      return {
        barCloseTime: Number(bar_close_ts),
        settledTo: Number(settled_to),
        text: String(text),
      };
    },
    isMissed: (time) => one("SELECT 1 FROM missed WHERE bar_close_ts = ?", time) !== undefined,
    intents: () => intents(""),
    openIntents: () => intents(`WHERE ${OPEN}`),
    unsettledIntents: () => intents(`WHERE ${OPEN} OR filled <> booked`),
    intentsOf: (barCloseTime) => intents("WHERE bar_close_ts = ?", barCloseTime),
    intent: (cid) => intents("WHERE cid = ?", cid)[0],
    intentOfVenueOrder: (symbol, id) =>
      intents("WHERE symbol = ? AND venue_order_id = ?", symbol, id).at(-1),
    fills: () => all("SELECT * FROM fill ORDER BY time, symbol, trade_id").map(fillOf),
    hasFill: (symbol, tradeId) =>
      one("SELECT 1 FROM fill WHERE symbol = ? AND trade_id = ?", symbol, tradeId) !== undefined,
    hasAction: (id) => one("SELECT 1 FROM corporate_action WHERE action_id = ?", id) !== undefined,
    fillsSinceMark: () => Number(meta("fills_since_mark") ?? 0),
    blocks: () =>
      all(
        "SELECT symbol, kind, reason, since FROM block ORDER BY symbol, kind",
      ) as unknown as Block[],
    adoptions: () =>
      all("SELECT * FROM adoption ORDER BY seq").map((row) => ({
        time: Number(row.time),
        operator: String(row.operator),
        reason: String(row.reason),
        before: JSON.parse(String(row.before)),
        after: JSON.parse(String(row.after)),
      })),
    marks: () => all("SELECT * FROM mark ORDER BY time").map(markOf),
    newestMark() {
      const row = one("SELECT * FROM mark ORDER BY time DESC LIMIT 1");
      return row && markOf(row);
    },
    isSkipped: (barCloseTime, symbol) =>
      one("SELECT 1 FROM skip WHERE bar_close_ts = ? AND symbol = ?", barCloseTime, symbol) !==
        undefined,
  };
}

function intentOf(row: Row): Intent {
  return {
    clientOrderId: String(row.cid),
    barCloseTime: Number(row.bar_close_ts),
    symbol: String(row.symbol),
    leg: row.leg as OrderLeg,
    attempt: Number(row.attempt),
    side: row.side as Intent["side"],
    quantity: String(row.qty),
    limitPrice: row.limit_price as string | null,
    state: row.state as OrderState,
    filled: String(row.filled),
    booked: String(row.booked),
    adopted: row.adopted === 1,
    venueOrderId: String(row.venue_order_id),
    sentAt: row.sent_at as number | null,
    sends: Number(row.sends),
    ambiguousSince: row.ambiguous_since as number | null,
    reason: String(row.reason),
  };
}

function decisionOf(row: Row): StoredDecision {
  return {
    barCloseTime: Number(row.bar_close_ts),
    configHash: String(row.config_hash),
    codeHash: String(row.code_hash),
    inputsHash: String(row.inputs_hash),
    nav: String(row.nav),
    weights: JSON.parse(String(row.weights)),
    prices: JSON.parse(String(row.prices)),
    targets: JSON.parse(String(row.targets)),
    decidedAt: Number(row.decided_at),
    state: row.state as StoredDecision["state"],
  };
}

function markOf(row: Row): Mark {
  return {
    time: Number(row.time),
    nav: String(row.nav),
    cash: String(row.cash),
    positions: JSON.parse(String(row.positions)),
  };
}

function fillOf(row: Row): VenueFill {
  return {
    tradeId: String(row.trade_id),
    venueOrderId: "",
    clientOrderId: String(row.cid),
    symbol: String(row.symbol),
    side: row.side as VenueFill["side"],
    quantity: String(row.qty),
    price: String(row.px),
    fee: String(row.fee),
    feeAsset: String(row.fee_asset),
    time: Number(row.time),
  };
}

function balancesOf(rows: readonly Row[]): Balances {
  const held = rows.filter(({ asset }) => asset !== CASH);
  return {
    cash: String(rows.find(({ asset }) => asset === CASH)?.qty ?? "0"),
    positions: Object.fromEntries(held.map(({ asset, qty }) => [String(asset), String(qty)])),
  };
}
