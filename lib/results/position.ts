import type { Millis } from "../core/bars.ts";
import { formatTime } from "../core/clock.ts";
import type { RunTable } from "./table_schemas.ts";

/** An order that was due, and what became of it. */
export interface RunOrder {
  readonly decision_time: string;
  readonly time: string;
  readonly kind: string;
  /** Empty for the netted order of all. */
  readonly model: string;
  /** Units that the account was to hold after it, and held before. */
  readonly target: number;
  readonly held: number;
  readonly quantity: number;
  readonly status: string;
  readonly reason: string;
  /** Empty when it was not filled. */
  readonly trade_id: string;
}

/** A fill of the account, or units that went from model to model. */
export interface RunTrade {
  /** Empty for an internal cross alone. */
  readonly trade_id: string;
  readonly executed_at: string;
  readonly decision_time: string;
  /** Units bought (positive) or sold by the account; 0 for an internal cross. */
  readonly quantity: number;
  /** Price paid; of a cross, the market's price. */
  readonly price: number;
  readonly fee: number;
  /** Units each model gained (positive) or gave, crosses included. */
  readonly models: Readonly<Record<string, number>>;
}

/** What a model saw of an asset when it last said something new of it. */
export interface Saw {
  /** When it decided. */
  readonly time: string;
  readonly features: readonly {
    /** What the model calls it, and what it is, such as `daily.sma(200)`. */
    readonly feature: string;
    readonly definition: string;
    /** Null where it was missing. */
    readonly value: number | null;
  }[];
}

/** What was held of one asset. */
export interface HeldPosition {
  readonly units: number;
  readonly byModel: ReadonlyMap<string, number>;
  /** Changes since neither the account nor any model held it, in time order. */
  readonly fills: readonly RunTrade[];
}

type Tables = { readonly [Name in "orders" | "trades" | "bookings"]: RunTable<Name> };

// As the ledgers themselves do: what is left of a holding after its last sale is rounding.
const DUST = 1e-12;

/** Replays the bookings of an asset up to a moment; a decision at the newest mark counts with what filled before it. */
export function heldAt(
  { orders, trades, bookings }: Tables,
  { symbol, at, markTime }: { symbol: string; at: Millis; markTime: Millis },
): HeldPosition {
  const tradeRows = new Map(trades.trade_id.map((id, row) => [id, row]));
  const executed = (id: string, time: Millis) =>
    id === "" ? time : trades.executed_at[tradeRows.get(id)!]!;
  const counts = (decided: Millis, time: Millis) =>
    decided < markTime || decided === markTime && at > markTime && time < at;

  const byModel = new Map<string, number>();
  let fills: RunTrade[] = [];
  for (const [row, id] of bookings.trade_id.entries()) {
    if (bookings.symbol[row] !== symbol) continue;
    const time = executed(id, bookings.time[row]!);
    if (!counts(bookings.decision_time[row]!, time)) continue;
    if ([...byModel.values()].every((units) => units === 0)) fills = [];
    const model = bookings.model[row]!;
    const before = byModel.get(model) ?? 0;
    const moved = bookings.quantity[row]!;
    const after = before + moved;
    byModel.set(model, Math.abs(after) <= DUST * Math.abs(before) ? 0 : after);
    const trade = fills.at(-1);
    const decided = formatTime(bookings.decision_time[row]!);
    if (trade?.trade_id === id && trade.decision_time === decided) {
      fills[fills.length - 1] = { ...trade, models: { ...trade.models, [model]: moved } };
    } else fills.push({ ...fillOf(row, id), decision_time: decided, models: { [model]: moved } });
  }
  const flat = [...byModel.values()].every((units) => units === 0);
  return { units: accountUnits(), byModel, fills: flat ? [] : fills };

  function fillOf(row: number, id: string) {
    const trade = tradeRows.get(id);
    const executed_at = formatTime(executed(id, bookings.time[row]!));
    if (trade === undefined) {
      return { trade_id: id, executed_at, quantity: 0, price: bookings.price[row]!, fee: 0 };
    }
    const sign = trades.side[trade] === "buy" ? 1 : -1;
    return {
      trade_id: id,
      executed_at,
      quantity: sign * trades.quantity[trade]!,
      price: trades.price[trade]!,
      fee: trades.fee[trade]!,
    };
  }

  function accountUnits(): number {
    let units = 0;
    for (const [row, id] of orders.trade_id.entries()) {
      if (id === "" || orders.symbol[row] !== symbol) continue;
      if (!counts(orders.decision_time[row]!, executed(id, orders.time[row]!))) continue;
      units = sumOf(orders.held[row]!, orders.quantity[row]!);
    }
    return units;
  }
}

/** A sale of everything leaves nothing, whatever the last bit of the subtraction says. */
function sumOf(held: number, quantity: number): number {
  const units = held + quantity;
  return Math.abs(units) <= DUST * Math.abs(held) ? 0 : units;
}

/** Orders of the newest decision up to `decidedAt` that had any for this asset. */
export function ordersOf(
  { orders }: Tables,
  symbol: string,
  decidedAt: Millis,
): readonly RunOrder[] {
  const rows = orders.symbol.flatMap((name, row) =>
    name === symbol && orders.decision_time[row]! <= decidedAt ? [row] : []
  );
  const newest = orders.decision_time[rows.at(-1) ?? -1];
  return rows.filter((row) => orders.decision_time[row] === newest).map((row) => ({
    decision_time: formatTime(orders.decision_time[row]!),
    time: formatTime(orders.time[row]!),
    kind: orders.kind[row]!,
    model: orders.model[row]!,
    target: orders.target[row]!,
    held: orders.held[row]!,
    quantity: orders.quantity[row]!,
    status: orders.status[row]!,
    reason: orders.reason[row]!,
    trade_id: orders.trade_id[row]!,
  }));
}

/** The features behind a model's newest words on an asset by a decision; null where it had not spoken. */
export function sawBy(
  table: RunTable<"features"> | undefined,
  wanted: { readonly model: string; readonly symbol: string; readonly decidedAt: Millis },
): Saw | null {
  if (!table) return null;
  const { time, model, symbol, feature, definition, value } = table;
  let rows: number[] = [];
  for (let row = 0; row < time.length && time[row]! <= wanted.decidedAt; row++) {
    if (model[row] !== wanted.model || symbol[row] !== wanted.symbol) continue;
    if (time[row] !== time[rows[0] ?? -1]) rows = [];
    rows.push(row);
  }
  if (rows.length === 0) return null;
  return {
    time: formatTime(time[rows[0]!]!),
    features: rows.map((row) => ({
      feature: feature[row]!,
      definition: definition[row]!,
      value: Number.isFinite(value[row]) ? value[row]! : null,
    })),
  };
}
