import type { Booking, RunRecord } from "../core/run_record.ts";

/** What the models' sub-ledgers were worth at every mark, in money. */
export interface LedgerValues {
  /** By model: gained since the start. */
  readonly pnl: readonly Float64Array[];
  /** By model: Σ|units × close|. */
  readonly exposure: readonly Float64Array[];
  /** Gained by the cash that no model holds. */
  readonly residualPnl: Float64Array;
}

// As the ledgers themselves do: what is left of a holding after its last sale is rounding.
const DUST = 1e-12;

/** Replays the bookings: one made at decision `i` is in force from mark `i + 1` on. */
export function ledgersOf(record: RunRecord): LedgerValues {
  const { nav, cash, models } = record;
  const bookings = byModel(record);
  const residualPnl = cash.map((money) => money - cash[0]!);
  const values = models.map((_, model) => ledgerOf(record, bookings[model]!));
  for (let mark = 0; mark < nav.length; mark++) {
    for (const { cash } of values) residualPnl[mark]! -= cash[mark]!;
  }
  return {
    pnl: values.map(({ pnl }) => pnl),
    exposure: values.map(({ exposure }) => exposure),
    residualPnl,
  };
}

function byModel({ models, bookings }: RunRecord): readonly (readonly Booking[])[] {
  const groups = models.map((): Booking[] => []);
  for (const booking of bookings) groups[booking.model]!.push(booking);
  return groups;
}

/** One model's cash, P&L and exposure at every mark. */
function ledgerOf({ markTimes, closes }: RunRecord, bookings: readonly Booking[]) {
  const marks = markTimes.length;
  const cash = new Float64Array(marks);
  const pnl = new Float64Array(marks);
  const exposure = new Float64Array(marks);
  const units = new Float64Array(closes.length);
  let money = 0;
  let next = 0;
  for (let mark = 0; mark < marks; mark++) {
    for (; next < bookings.length && bookings[next]!.index < mark; next++) {
      const { asset, quantity, cash } = bookings[next]!;
      const before = units[asset]!;
      const after = before + quantity;
      units[asset] = Math.abs(after) <= DUST * Math.abs(before) ? 0 : after;
      money += cash;
    }
    let value = 0;
    let gross = 0;
    for (let asset = 0; asset < units.length; asset++) {
      if (units[asset] === 0) continue; // an asset not yet quoted has no close to multiply
      const worth = units[asset]! * closes[asset]![mark]!;
      value += worth;
      gross += Math.abs(worth);
    }
    cash[mark] = money;
    pnl[mark] = money + value;
    exposure[mark] = gross;
  }
  return { cash, pnl, exposure };
}
