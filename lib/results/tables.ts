import { join } from "node:path";
import type { Fill } from "../core/orders.ts";
import type { RiskMode, RunRecord } from "../core/run_record.ts";
import { benchmarksTable } from "./benchmarks.ts";
import { saidIn } from "./decisions.ts";
import type { DerivedRun } from "./derive.ts";
import { readTable } from "./parquet_read.ts";
import { regimesTable } from "./regimes.ts";
import { type RunTable, type RunTables, TABLE_SCHEMAS, type TableName } from "./table_schemas.ts";

// What is left of a quantity that crossed whole is rounding.
const DUST = 1e-12;

const MODES: readonly RiskMode[] = ["NORMAL", "REDUCED", "HALT"];

/** The tables of a run folder, each read from its file when it is called. */
export type StoredTables = { readonly [Name in TableName]: () => Promise<RunTable<Name>> };

/** The tables in a run's folder. Each call reads the file again and refuses one that is damaged. */
export function openTables(folder: string): StoredTables {
  const read = <Name extends TableName>(name: Name) => () =>
    readTable(join(folder, `${name}.parquet`), TABLE_SCHEMAS[name]);
  return {
    nav: read("nav"),
    models: read("models"),
    weights: read("weights"),
    trades: read("trades"),
    orders: read("orders"),
    attribution: read("attribution"),
    features: read("features"),
    bookings: read("bookings"),
    risk: read("risk"),
    regimes: read("regimes"),
    benchmarks: read("benchmarks"),
  };
}

/** Every table of a run, ready to be written. */
export function runTables(record: RunRecord, derived: DerivedRun): RunTables {
  const modes = modeAtMarks(record);
  return {
    nav: navTable(derived, modes),
    models: modelsTable(record, derived),
    weights: weightsTable(record, derived),
    trades: tradesTable(record, modes),
    orders: ordersTable(record),
    attribution: attributionTable(record),
    features: featuresTable(record),
    bookings: bookingsTable(record),
    risk: riskTable(record),
    ...(record.regimes ? { regimes: regimesTable(record.markTimes, record.regimes) } : {}),
    ...(derived.benchmarks.length > 0 ? { benchmarks: benchmarksTable(derived.benchmarks) } : {}),
  };
}

/** `T000001` for the first fill of a run; empty for none (-1). */
export function tradeId(fill: number): string {
  return fill < 0 ? "" : `T${String(fill + 1).padStart(6, "0")}`;
}

function navTable({ portfolio }: DerivedRun, modes: Int32Array): RunTables["nav"] {
  return {
    time: portfolio.times,
    nav: portfolio.nav,
    cash: portfolio.cash,
    drawdown: portfolio.drawdown,
    gross_exposure: portfolio.grossExposure,
    net_exposure: portfolio.netExposure,
    mode: { names: MODES, codes: modes },
  };
}

function modelsTable(
  { budgets }: RunRecord,
  { portfolio, models }: DerivedRun,
): RunTables["models"] {
  const marks = portfolio.times.length;
  const interleaved = (columns: readonly Float64Array[]) => {
    const values = new Float64Array(marks * columns.length);
    for (const [place, column] of columns.entries()) {
      for (let mark = 0; mark < marks; mark++) {
        values[mark * columns.length + place] = column[mark]!;
      }
    }
    return values;
  };
  const codes = new Int32Array(marks * models.length);
  for (let row = 0; row < codes.length; row++) codes[row] = row % models.length;
  return {
    time: interleaved(models.map(({ times }) => times)),
    model: { names: models.map(({ name }) => name), codes },
    pnl: interleaved(models.map(({ pnl }) => pnl)),
    nav: interleaved(models.map(({ nav }) => nav)),
    return: interleaved(models.map(({ returns }) => returns)),
    gross_exposure: interleaved(models.map(({ grossExposure }) => grossExposure)),
    budget: interleaved(budgets),
  };
}

function weightsTable(record: RunRecord, { holdings }: DerivedRun): RunTables["weights"] {
  const { marks, assets, weight, quantity, price, targetWeight } = holdings;
  const time = new Float64Array(marks.length);
  for (let row = 0; row < marks.length; row++) time[row] = record.markTimes[marks[row]!]!;
  return {
    time,
    symbol: { names: record.assets.map(({ symbol }) => symbol), codes: assets },
    weight,
    quantity,
    price,
    target_weight: targetWeight,
  };
}

function tradesTable(record: RunRecord, modes: Int32Array): RunTables["trades"] {
  const fills = record.outcomes.filter((outcome) => outcome.status === "filled");
  const shares = modelShares(record, fills);
  const numbers = (value: (fill: Fill, place: number) => number) => Float64Array.from(fills, value);
  return {
    trade_id: fills.map((_, place) => tradeId(place)),
    time: numbers(({ time }) => time),
    executed_at: numbers(({ executedAt }) => executedAt),
    decision_time: Float64Array.from(fills, ({ index }) => record.markTimes[index]!),
    symbol: fills.map(({ asset }) => record.assets[asset]!.symbol),
    side: fills.map(({ quantity }) => quantity > 0 ? "buy" : "sell"),
    quantity: numbers(({ quantity }) => Math.abs(quantity)),
    price: numbers(({ price }) => price),
    reference_price: numbers(({ referencePrice }) => referencePrice),
    raw_price: numbers(({ price }, place) => price / record.fillFactors[place]!),
    adjustment: record.fillFactors,
    notional: numbers(({ quantity, price }) => Math.abs(quantity) * price),
    fee: numbers(({ fee }) => fee),
    slippage: numbers(({ slippage }) => slippage),
    nav: numbers(({ nav }) => nav),
    kind: fills.map(({ kind }) => kind),
    mode: fills.map(({ index }) => MODES[modes[index]!]!),
    models: shares,
    pessimistic: fills.map(({ pessimistic }) => pessimistic),
    broker_order_id: fills.map(() => ""),
  };
}

/** By fill, as JSON: each model's share of its quantity. Units that crossed between models are no part of it. */
function modelShares({ bookings, models }: RunRecord, fills: readonly Fill[]): string[] {
  const shares = fills.map((): Record<string, number> => ({}));
  for (const { fill, model, quantity, crossed } of bookings) {
    if (fill < 0) continue;
    const share = (quantity - crossed) / fills[fill]!.quantity;
    if (share > DUST) shares[fill]![models[model]!.name] = share;
  }
  return shares.map((share) => JSON.stringify(share));
}

function ordersTable(record: RunRecord): RunTables["orders"] {
  const { outcomes, assets, models, markTimes } = record;
  let fills = 0;
  return {
    decision_time: Float64Array.from(outcomes, ({ index }) => markTimes[index]!),
    time: Float64Array.from(outcomes, ({ time }) => time),
    symbol: outcomes.map(({ asset }) => assets[asset]!.symbol),
    kind: outcomes.map(({ kind }) => kind),
    model: outcomes.map(({ model }) => models[model]?.name ?? ""),
    target: Float64Array.from(outcomes, ({ target }) => target),
    held: Float64Array.from(outcomes, ({ held }) => held),
    quantity: Float64Array.from(outcomes, ({ quantity }) => quantity),
    status: outcomes.map(({ status }) => status),
    reason: outcomes.map((outcome) => outcome.status === "skipped" ? outcome.reason : ""),
    trade_id: outcomes.map(({ status }) => tradeId(status === "filled" ? fills++ : -1)),
  };
}

function attributionTable(record: RunRecord): RunTables["attribution"] {
  const { wishes, assets, models, markTimes } = record;
  const said = wishes.map(saidIn);
  return {
    time: Float64Array.from(wishes, ({ index }) => markTimes[index]!),
    model: wishes.map(({ model }) => models[model]!.name),
    symbol: wishes.map(({ asset }) => assets[asset]!.symbol),
    raw_weight: Float64Array.from(wishes, ({ raw }) => raw),
    budget: Float64Array.from(wishes, ({ budget }) => budget),
    weight_before_risk: Float64Array.from(wishes, ({ wanted }) => wanted),
    weight_after_risk: Float64Array.from(wishes, ({ share }) => share),
    stop: Float64Array.from(wishes, ({ stop }) => stop),
    limit: Float64Array.from(wishes, ({ limit }) => limit),
    confidence: Float64Array.from(said, ({ confidence }) => confidence ?? NaN),
    urgency: said.map(({ urgency }) => urgency ?? ""),
    horizon_hours: Float64Array.from(said, ({ horizonHours }) => horizonHours ?? NaN),
  };
}

/** What models saw as they spoke, in order of time, then of models; an asset's features stand together. */
function featuresTable(record: RunRecord): RunTables["features"] {
  const { features, models, assets, markTimes } = record;
  const spoken = features.flatMap((seen, model) =>
    Array.from(seen.indexes, (index, row) => ({ index, model, row }))
  ).sort((a, b) => a.index - b.index); // sorting keeps models in their order
  const rows = spoken.flatMap(({ index, model, row }) => {
    const { names, assets, values } = features[model]!;
    return names.map((_, place) => ({
      ...{ index, model, place, asset: assets[row]! },
      value: values[row * names.length + place]!,
    }));
  });
  const named = features.flatMap(({ names }) => names);
  const firsts = firstPlaces(features.map(({ names }) => names.length));
  const codes = Int32Array.from(rows, ({ model, place }) => firsts[model]! + place);
  return {
    time: Float64Array.from(rows, ({ index }) => markTimes[index]!),
    model: {
      names: models.map(({ name }) => name),
      codes: Int32Array.from(rows, ({ model }) => model),
    },
    symbol: {
      names: assets.map(({ symbol }) => symbol),
      codes: Int32Array.from(rows, ({ asset }) => asset),
    },
    feature: { names: named.map(({ name }) => name), codes },
    definition: { names: named.map(({ definition }) => definition), codes },
    value: Float64Array.from(rows, ({ value }) => value),
  };
}

/** Where each of several lists begins when they stand one after the other. */
function firstPlaces(lengths: readonly number[]): readonly number[] {
  let next = 0;
  return lengths.map((length) => {
    next += length;
    return next - length;
  });
}

function bookingsTable(record: RunRecord): RunTables["bookings"] {
  const { bookings, assets, models, markTimes } = record;
  return {
    time: Float64Array.from(bookings, ({ time }) => time),
    decision_time: Float64Array.from(bookings, ({ index }) => markTimes[index]!),
    model: bookings.map(({ model }) => models[model]!.name),
    symbol: bookings.map(({ asset }) => assets[asset]!.symbol),
    quantity: Float64Array.from(bookings, ({ quantity }) => quantity),
    crossed: Float64Array.from(bookings, ({ crossed }) => crossed),
    price: Float64Array.from(bookings, ({ price }) => price),
    fee: Float64Array.from(bookings, ({ fee }) => fee),
    slippage: Float64Array.from(bookings, ({ slippage }) => slippage),
    cash: Float64Array.from(bookings, ({ cash }) => cash),
    trade_id: bookings.map(({ fill }) => tradeId(fill)),
  };
}

function riskTable({ adjustments, assets, markTimes }: RunRecord): RunTables["risk"] {
  return {
    time: Float64Array.from(adjustments, ({ index }) => markTimes[index]!),
    rule: adjustments.map(({ rule }) => rule),
    symbol: adjustments.map(({ asset }) => assets[asset]!.symbol),
    before: Float64Array.from(adjustments, ({ before }) => before),
    after: Float64Array.from(adjustments, ({ after }) => after),
  };
}

/** The place in `MODES` of the mode in force at each mark, that of a decision at the mark included. */
function modeAtMarks({ markTimes, modes }: RunRecord): Int32Array {
  const atMarks = new Int32Array(markTimes.length);
  for (const { index, mode } of modes) atMarks.fill(MODES.indexOf(mode), index);
  return atMarks;
}
