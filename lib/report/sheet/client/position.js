import { countUpTo } from "./thin.js";

/**
 * How a position came about, read from the tables in the page: the same answer as the task `runs attribution` gives, as
 * of the end of a day and before any order that a decision at that very moment sends.
 */

// What is left of a holding after its last sale is rounding.
const DUST = 1e-12;

/** What every model said of an asset by a decision, what became of it, and the cuts that hold. */
export function wishesAt(run, symbol, decision) {
  const decidedAt = run.marks("time")[decision];
  const models = run.models.map((model, place) => {
    const { newest, spoken } = wishRows(run, { model, symbol, decidedAt });
    const known = (name) => newest < 0 ? NaN : run.wishes(name)[newest];
    return {
      model,
      raw: spoken < 0 ? NaN : run.wishes("raw_weight")[spoken],
      rawSince: spoken < 0 ? NaN : run.wishes("time")[spoken],
      kept: newest >= 0 && Number.isNaN(run.wishes("raw_weight")[newest]),
      ...budgetAt(run, place, decision),
      before: newest < 0 ? 0 : known("weight_before_risk"),
      after: newest < 0 ? 0 : known("weight_after_risk"),
      since: newest < 0 ? NaN : run.wishes("time")[newest],
      stop: known("stop"),
      limit: known("limit"),
      confidence: known("confidence"),
      urgency: newest < 0 ? "" : run.wishes("urgency")[newest],
      horizon: known("horizon_hours"),
      saw: sawBy(run, { model, symbol, decidedAt }),
    };
  });
  const before = sumOf(models, "before");
  const after = sumOf(models, "after");
  return {
    decidedAt,
    models,
    before,
    after,
    risk: risksAt(run, { symbol, decidedAt, before, after }),
  };
}

/** A model's newest row by a decision, and the row in which it first gave the weight it gave last; -1 for none. */
function wishRows({ wishes }, { model, symbol, decidedAt }) {
  const last = countUpTo(wishes("time"), decidedAt) - 1;
  const [models, symbols, raws] = [wishes("model"), wishes("symbol"), wishes("raw_weight")];
  let newest = -1;
  let spoken = -1;
  for (let row = 0; row <= last; row++) {
    if (models[row] !== model || symbols[row] !== symbol) continue;
    newest = row;
    if (!Number.isNaN(raws[row]) && raws[row] !== raws[spoken]) spoken = row;
  }
  return { newest, spoken };
}

/** The features behind a model's newest words by a decision; none where it had not spoken. */
function sawBy({ features }, { model, symbol, decidedAt }) {
  if (!features) return undefined;
  const times = features("time");
  const last = countUpTo(times, decidedAt) - 1;
  const isOwn = (row) => features("model")[row] === model && features("symbol")[row] === symbol;
  let end = last;
  while (end >= 0 && !isOwn(end)) end--;
  if (end < 0) return undefined;
  // What was seen of one asset at one moment stands together.
  let row = end;
  while (row > 0 && times[row - 1] === times[end] && isOwn(row - 1)) row--;
  const seen = [];
  for (; row <= end; row++) {
    const [name, definition, value] = ["feature", "definition", "value"].map((column) =>
      features(column)[row]
    );
    seen.push({ name, definition, value });
  }
  return { time: times[end], features: seen };
}

function budgetAt({ marks }, place, decision) {
  const budgets = marks(`budget ${place}`);
  let since = decision;
  while (since > 0 && budgets[since - 1] === budgets[decision]) since--;
  return { budget: budgets[decision], budgetSince: marks("time")[since] };
}

/** Cuts are written when any of them changes, so they stand until the net weight says otherwise. */
function risksAt({ risk }, { symbol, decidedAt, before, after }) {
  if (Math.abs(before - after) <= DUST) return [];
  const times = risk("time");
  const newest = times[countUpTo(times, decidedAt) - 1];
  const steps = [];
  for (let row = 0; row < times.length; row++) {
    if (times[row] !== newest || risk("symbol")[row] !== symbol) continue;
    const [from, to] = [risk("before")[row], risk("after")[row]];
    steps.push({ rule: risk("rule")[row], before: from, after: to, since: newest });
  }
  return steps;
}

/** What was held of an asset at a mark, by whom, and the fills that made it since it was last nothing. */
export function heldAt(run, symbol, mark) {
  const { bookings, orders } = run;
  const markTime = run.marks("time")[mark];
  const units = new Map();
  let fills = [];
  for (const [row, own] of bookings("symbol").entries()) {
    if (own !== symbol || bookings("decision_time")[row] >= markTime) continue;
    if ([...units.values()].every((held) => held === 0)) fills = [];
    const model = bookings("model")[row];
    const before = units.get(model) ?? 0;
    const moved = bookings("quantity")[row];
    units.set(model, settled(before + moved, before));
    fills.push({ row, fill: bookings("fill")[row], model, moved });
  }
  let account = 0;
  for (const [row, own] of orders("symbol").entries()) {
    if (own !== symbol || orders("fill")[row] < 0) continue;
    if (orders("decision_time")[row] >= markTime) continue;
    const held = orders("held")[row];
    account = settled(held + orders("quantity")[row], held);
  }
  const flat = [...units.values()].every((held) => held === 0);
  return { units: account, byModel: units, fills: flat ? [] : fills };
}

function settled(units, before) {
  return Math.abs(units) <= DUST * Math.abs(before) ? 0 : units;
}

/** Rows of the orders of the newest decision up to a time that had any for this asset. */
export function newestOrders({ orders }, symbol, decidedAt) {
  const times = orders("decision_time");
  const rows = [];
  for (let row = 0; row < times.length && times[row] <= decidedAt; row++) {
    if (orders("symbol")[row] === symbol) rows.push(row);
  }
  const newest = times[rows.at(-1)];
  return rows.filter((row) => times[row] === newest);
}

/** The regimes in force at a decision: the row of the table, -1 where there is none. */
export function regimeRow({ regimes }, time) {
  return regimes ? countUpTo(regimes("time"), time) - 1 : -1;
}

function sumOf(items, name) {
  return items.reduce((sum, item) => sum + item[name], 0);
}
