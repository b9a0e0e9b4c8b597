import { openTable } from "./columns.js";

/** A run as the page carries it. Columns are decoded when first asked for. */
export function openRun(data, card, proofs) {
  const tables = Object.fromEntries(
    Object.entries(data.tables).map(([name, encoded]) => [name, openTable(encoded)]),
  );
  const { marks, days, orders } = tables;
  const dayNav = Float64Array.from(days("mark"), (mark) => marks("nav")[mark]);
  return {
    id: data.run_id,
    perYear: data.periods_per_year,
    timeframe: data.timeframe,
    symbols: data.symbols,
    models: data.models,
    benchmarks: data.benchmarks,
    card,
    proofs,
    ...tables,
    /** NAV as each day ended; the first is the start. */
    dayNav,
    /** The row of its order, by fill. */
    orderOfFill: filledRows(orders),
    partsOfFill: partsOf(tables),
  };
}

function filledRows(orders) {
  const rows = [];
  for (const [row, fill] of orders("fill").entries()) if (fill >= 0) rows[fill] = row;
  return rows;
}

/** `T000001` for the first fill. */
export function tradeName(fill) {
  return `T${String(fill + 1).padStart(6, "0")}`;
}

/** Everything known of a fill. */
export function fillAt(run, fill) {
  const { orders, fills } = run;
  const row = run.orderOfFill[fill];
  const quantity = orders("quantity")[row];
  const price = fills("price")[fill];
  return {
    fill,
    row,
    name: tradeName(fill),
    decided: orders("decision_time")[row],
    time: orders("time")[row],
    executed: fills("executed_at")[fill],
    symbol: orders("symbol")[row],
    kind: orders("kind")[row],
    model: orders("model")[row],
    target: orders("target")[row],
    held: orders("held")[row],
    quantity,
    price,
    reference: fills("reference_price")[fill],
    adjustment: fills("adjustment")[fill],
    notional: Math.abs(quantity) * price,
    fee: fills("fee")[fill],
    slippage: fills("slippage")[fill],
    nav: fills("nav")[fill],
    mode: fills("mode")[fill],
    pessimistic: fills("pessimistic")[fill] === 1,
    parts: fillParts(run, fill),
  };
}

/** By model, the units it gained or gave on a fill, without those that crossed. */
export function fillParts(run, fill) {
  return run.partsOfFill()[fill] ?? [];
}

/** The parts of every fill, gathered when first asked for. */
function partsOf({ bookings }) {
  let parts;
  return () => {
    if (parts) return parts;
    parts = [];
    const fills = bookings("fill");
    for (let row = 0; row < fills.length; row++) {
      const quantity = bookings("quantity")[row] - bookings("crossed")[row];
      if (fills[row] < 0 || quantity === 0) continue;
      (parts[fills[row]] ??= []).push({ model: bookings("model")[row], quantity });
    }
    return parts;
  };
}
