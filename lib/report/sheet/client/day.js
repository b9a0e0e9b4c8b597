import { dayText } from "./dates.js";
import { heldAt, regimeRow } from "./position.js";

/** One day of a run: from the mark at which the day before ended up to its own end. */
export function dayOf(run, day) {
  const { marks, days } = run;
  const times = days("time");
  const mark = days("mark")[day];
  const before = run.dayNav[day - 1];
  const nav = run.dayNav[day];
  const peak = marks("nav").slice(0, mark + 1).reduce((high, value) => Math.max(high, value), 0);
  return {
    day,
    label: dayText(times[day]),
    from: times[day - 1],
    to: times[day],
    mark,
    nav,
    change: nav - before,
    gained: before > 0 ? nav / before - 1 : NaN,
    drawdown: peak > 0 ? 1 - nav / peak : NaN,
    cash: days("cash")[day],
    mode: marks("mode")[Math.min(mark, marks("time").length - 1)],
    regime: regimeRow(run, times[day] - 1),
    holdings: holdingsOf(run, day, nav),
    decisions: decisionsOf(run, times[day - 1], times[day]),
    orders: rowsBetween(run.orders("time"), times[day - 1], times[day]),
    pnl: run.models.map((model, place) => {
      const column = days(`pnl ${place}`);
      return { model, gained: column[day] - column[day - 1] };
    }),
  };
}

/** What was held or wanted as a day ended. */
function holdingsOf(run, day, nav) {
  const { holdings } = run;
  const rows = rowsBetween(holdings("day"), day, day + 1);
  return rows.map((row) => {
    const symbol = holdings("symbol")[row];
    const units = holdings("quantity")[row];
    const price = holdings("price")[row];
    const value = units === 0 ? 0 : units * price;
    return {
      symbol,
      units,
      price,
      value,
      weight: value / nav,
      target: holdings("target_weight")[row],
      byModel: heldAt(run, symbol, run.days("mark")[day]).byModel,
    };
  });
}

/**
 * Decisions in a stretch at which a model said something new, or its budget changed, in order of time; the others repeat
 * what was wished before.
 */
function decisionsOf(run, from, to) {
  const { wishes } = run;
  const times = wishes("time");
  const changed = changedWishes(run);
  const found = new Map();
  for (const row of rowsBetween(times, from, to)) {
    if (!changed[row]) continue;
    const rows = found.get(times[row]) ?? [];
    found.set(times[row], [...rows, row]);
  }
  return [...found].map(([time, rows]) => ({
    time,
    rows,
    risk: rowsBetween(run.risk("time"), time, time + 1),
  }));
}

const WORDS = [
  ...["raw_weight", "budget", "stop", "limit"],
  ...["confidence", "urgency", "horizon_hours"],
];
const changedByRun = new WeakMap();

/** 1 where a model's words or budget are not those of its row before for the same asset. */
function changedWishes(run) {
  if (!changedByRun.has(run)) {
    const { wishes } = run;
    const columns = WORDS.map(wishes);
    const newest = new Map();
    const changed = wishes("time").map((_, row) => {
      const key = JSON.stringify([wishes("model")[row], wishes("symbol")[row]]);
      const before = newest.get(key);
      newest.set(key, row);
      return before === undefined ||
          columns.some((column) => !Object.is(column[before], column[row]))
        ? 1
        : 0;
    });
    changedByRun.set(run, changed);
  }
  return changedByRun.get(run);
}

/** Rows of a sorted column from `from` on and before `to`. */
export function rowsBetween(sorted, from, to) {
  const rows = [];
  for (let row = 0; row < sorted.length; row++) {
    if (sorted[row] >= from && sorted[row] < to) rows.push(row);
  }
  return rows;
}

/** Days on which an asset was held or wanted, nearest to one: the last before it and the next after. */
export function nearestHeld({ holdings }, symbol, day) {
  let before = -1;
  for (const [row, own] of holdings("symbol").entries()) {
    if (own !== symbol) continue;
    const at = holdings("day")[row];
    if (at > day) return { before, after: at };
    before = at;
  }
  return { before, after: -1 };
}
