import type { AssetClass } from "../core/asset.ts";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import type {
  Booking,
  FeatureRecord,
  OutcomeRecord,
  RegimeRecord,
  RunRecord,
  WishRecord,
} from "../core/run_record.ts";
import { type Random, seededRandom } from "../core/random.ts";
import { deriveRun } from "./derive.ts";
import type { CardParts } from "./run_card.ts";
import { type RunTable, TABLE_NAMES, type TableName } from "./table_schemas.ts";
import { runTables } from "./tables.ts";

/** A run id for tests. */
export const FIXTURE_ID = "0123456789abcdef";

/** The parts of a card that do not follow from a record. */
export function cardParts(changes: Partial<CardParts> = {}): CardParts {
  return {
    plan: { seed: 1, models: [{ name: "A" }], initialNav: 1000 },
    plan_hash: "plan",
    data: { fingerprint: "data", files: [] },
    code: { fingerprint: "code", files: 3, deno: "2.9.6", packages: ["zod@4.6.7"] },
    seed: 1,
    sealed: true,
    warnings: [],
    ...changes,
  };
}

/**
 * Two models over four daily marks, small enough to add up by hand: A (60 %) buys 3 BTC; then B (40 %) takes 2 of them
 * inside and buys 1 ETH; then all BTC is sold, and 10 of interest comes in.
 */
export function handMadeRecord(): RunRecord {
  const start = parseDate("2024-01-01");
  const time = (index: number) => start + index * DAY_MS;
  const fill = { kind: "market", model: -1, pessimistic: false, row: 0, status: "filled" } as const;
  const sized = { sizingNav: 1000, sizingPrice: 100 };
  const moment = (index: number) => ({ index, time: time(index), executedAt: time(index) });
  const wish = { budget: 0.6, stop: NaN, limit: NaN };
  const booking = { fee: 0, slippage: 0, crossed: 0 };
  return {
    ...emptyRecord(["BTC", "ETH"], "crypto"),
    timeframe: "daily",
    models: [
      { name: "A", version: "1.0.0", budgetFraction: 0.6 },
      { name: "B", version: "2.1.0", budgetFraction: 0.4 },
    ],
    markTimes: Float64Array.of(time(0), time(1), time(2), time(3)),
    nav: Float64Array.of(1000, 1025, 1054, 1051),
    cash: Float64Array.of(1000, 695, 644, 1011),
    budgets: [new Float64Array(4).fill(0.6), new Float64Array(4).fill(0.4)],
    closes: [Float64Array.of(100, 110, 120, 120), Float64Array.of(NaN, 50, 50, 40)],
    fillFactors: Float64Array.of(1, 1.25, 1),
    outcomes: [
      {
        ...fill,
        ...sized,
        ...moment(0),
        ...{ asset: 0, quantity: 3, price: 101, referencePrice: 100, fee: 2, slippage: 3 },
        ...{ target: 3, held: 0, nav: 1000 },
      },
      {
        ...fill,
        ...sized,
        ...moment(1),
        ...{ asset: 1, quantity: 1, price: 50, referencePrice: 50, fee: 1, slippage: 0 },
        ...{ target: 1, held: 0, nav: 1025 },
      },
      {
        ...fill,
        ...sized,
        ...moment(2),
        ...{ asset: 0, quantity: -3, price: 120, referencePrice: 120, fee: 3, slippage: 0 },
        ...{ target: 0, held: 3, nav: 1054 },
      },
      {
        ...{ status: "skipped", reason: "below_minimum", kind: "market", index: 2 },
        ...{ asset: 1, model: -1, quantity: 0.0001, target: 1.0001, held: 1, time: time(2) },
      },
    ],
    bookings: [
      {
        ...{ ...booking, index: 0, model: 0, asset: 0, quantity: 3, price: 100, time: time(0) },
        ...{ cash: -305, fee: 2, slippage: 3, fill: 0 },
      },
      {
        ...{ ...booking, index: 1, model: 0, asset: 0, quantity: -2, price: 110, time: time(1) },
        ...{ cash: 220, crossed: -2, fill: -1 },
      },
      {
        ...{ ...booking, index: 1, model: 1, asset: 0, quantity: 2, price: 110, time: time(1) },
        ...{ cash: -220, crossed: 2, fill: -1 },
      },
      {
        ...{ ...booking, index: 1, model: 1, asset: 1, quantity: 1, price: 50, time: time(1) },
        ...{ cash: -51, fee: 1, fill: 1 },
      },
      {
        ...{ ...booking, index: 2, model: 0, asset: 0, quantity: -1, price: 120, time: time(2) },
        ...{ cash: 119, fee: 1, fill: 2 },
      },
      {
        ...{ ...booking, index: 2, model: 1, asset: 0, quantity: -2, price: 120, time: time(2) },
        ...{ cash: 238, fee: 2, fill: 2 },
      },
    ],
    wishes: [
      { ...wish, index: 0, model: 0, asset: 0, raw: 0.5, wanted: 0.3, share: 0.3 },
      { ...wish, index: 1, model: 0, asset: 0, raw: 0.2, wanted: 0.12, share: 0.1 },
      { ...wish, index: 1, model: 1, asset: 0, budget: 0.4, raw: 0.5, wanted: 0.2, share: 0.2 },
      { ...wish, index: 1, model: 1, asset: 1, budget: 0.4, raw: 0.125, wanted: 0.05, share: 0.05 },
      { ...wish, index: 2, model: 0, asset: 0, raw: 0, wanted: 0, share: 0 },
      { ...wish, index: 2, model: 1, asset: 0, budget: 0.4, raw: 0, wanted: 0, share: 0 },
      // The quantity of ETH is kept: its weight drifts, and nothing new is wished.
      { ...wish, index: 2, model: 1, asset: 1, budget: 0.4, raw: 0.125, wanted: 0.04, share: 0.04 },
    ],
    features: [
      {
        names: [
          { name: "price", definition: "daily.close()" },
          { name: "slowAverage", definition: "daily.sma(200)" },
        ],
        indexes: Int32Array.of(0, 1, 2),
        assets: Int32Array.of(0, 0, 0),
        values: Float64Array.of(100, 98.5, 110, 99, 120, 130.25),
      },
      {
        names: [{ name: "score", definition: "daily.momentum(60)" }],
        indexes: Int32Array.of(1, 1, 2),
        assets: Int32Array.of(0, 1, 0),
        values: Float64Array.of(0.1, 0.0425, -0.005),
      },
    ],
    adjustments: [{ index: 1, rule: "per_asset_cap", asset: 0, before: 0.32, after: 0.3 }],
    modes: [{ index: 2, mode: "REDUCED", nav: 1054, drawdown: 0.16 }],
    gaps: [{
      ...{ model: "A", symbol: "BTC", timeframe: "daily", policy: "ffill", missing: 1 },
      ...{ from: time(1), to: time(2) },
    }],
    coverage: [{
      ...{ model: "B", symbol: "ETH", firstBar: time(0), lastBar: time(3) },
      ...{ joins: time(1), barsAtJoin: 1 },
    }],
    lapsed: [{ asset: 1, weight: 0.05 }],
  };
}

/**
 * Regimes of the hand-made run's three decisions: equity turns from NEUTRAL, a default, to BULL and then to BEAR;
 * volatility is LOW, but nothing new is known of the VIX at the third; crypto stays RISK_ON, macro SLOWDOWN by default.
 */
export function handMadeRegimes(): RegimeRecord {
  const none = Uint8Array.of(0, 0, 0);
  return {
    labels: {
      equity: ["BULL", "NEUTRAL", "BEAR"],
      volatility: ["LOW", "NORMAL", "HIGH"],
      crypto: ["RISK_ON", "RISK_OFF"],
      macro: ["EXPANSION", "SLOWDOWN", "RECESSION"],
    },
    codes: {
      equity: Uint8Array.of(1, 0, 2),
      volatility: none,
      crypto: none,
      macro: Uint8Array.of(1, 1, 1),
    },
    defaults: {
      equity: Uint8Array.of(1, 0, 0),
      volatility: none,
      crypto: none,
      macro: Uint8Array.of(1, 1, 1),
    },
    inputs: { spy_close: Float64Array.of(NaN, 470, 460), vix: Float64Array.of(12, 12, 12) },
    notes: [
      {
        ...{ dimension: "equity", kind: "default", from: 0, to: 1 },
        reason: "the history of the SPY close is too short",
      },
      {
        ...{ dimension: "volatility", kind: "held", from: 2, to: 3 },
        reason: "a newer VIX close is overdue",
      },
    ],
  };
}

/** The hand-made run with regimes, and with itself as two yardsticks. */
export function fullRecord(): RunRecord {
  const record = handMadeRecord();
  return {
    ...record,
    regimes: handMadeRegimes(),
    benchmarks: [
      { name: "hold", title: "Hold", record },
      { name: "spy", title: "SPY", record: { ...record, nav: record.nav.map((nav) => nav / 2) } },
    ],
  };
}

/** A run's tables as they come back from their files. */
export function tablesOf(record: RunRecord): { [Name in TableName]: RunTable<Name> } {
  const tables = runTables(record, deriveRun(record));
  const plain = (column: ArrayLike<unknown> | { names: readonly string[]; codes: Int32Array }) =>
    "names" in column ? Array.from(column.codes, (code) => column.names[code]!) : column;
  return Object.fromEntries(
    TABLE_NAMES.map((name) => [
      name,
      Object.fromEntries(
        Object.entries(tables[name] ?? {}).map(([key, column]) => [key, plain(column)]),
      ),
    ]),
  ) as { [Name in TableName]: RunTable<Name> };
}

/** A consistent run of random trades, with crosses between models and interest: what `seed` gives is always the same. */
export function randomRecord(shape: {
  readonly seed: number;
  readonly marks: number;
  readonly symbols: readonly string[];
  readonly budgets: readonly number[];
  /** Chance that an asset trades at a decision. */
  readonly activity?: number;
  readonly assetClass?: AssetClass;
}): RunRecord {
  const { marks, symbols, budgets, activity = 0.2, assetClass = "crypto" } = shape;
  const random = seededRandom(shape.seed);
  const start = parseDate("2020-01-01");
  const markTimes = Float64Array.from({ length: marks }, (_, mark) => start + mark * H4_MS);
  const closes = symbols.map((_, asset) => walk(random.fork(`closes ${asset}`), marks, asset));
  const run: Trading = {
    random,
    closes,
    budgets,
    markTimes,
    ...emptyTrading(symbols.length, budgets),
  };
  const nav = new Float64Array(marks);
  const cash = new Float64Array(marks);
  for (let mark = 0; mark < marks; mark++) {
    if (mark > 0) run.cash += run.cash * 1e-5; // interest
    cash[mark] = run.cash;
    nav[mark] = run.units.reduce(
      (sum, units, asset) => units === 0 ? sum : sum + units * closes[asset]![mark]!,
      run.cash,
    );
    if (mark === marks - 1) break;
    for (let asset = 0; asset < symbols.length; asset++) {
      if (closes[asset]![mark]! > 0 && random.next() < activity) {
        trade(run, mark, asset, nav[mark]!);
      }
    }
  }
  return {
    ...emptyRecord(symbols, assetClass),
    models: budgets.map((budgetFraction, model) => ({
      name: `Model${model + 1}`,
      version: "1.0.0",
      budgetFraction,
    })),
    ...{ markTimes, nav, cash, closes },
    budgets: budgets.map((budget) => new Float64Array(marks).fill(budget)),
    fillFactors: new Float64Array(run.fills).fill(1),
    outcomes: run.outcomes,
    bookings: run.bookings,
    wishes: run.wishes,
    features: budgets.map((_, model) => seenBy(model, run)),
  };
}

/** The close and a number by chance, wherever a model asked for another weight. */
function seenBy(model: number, { random, wishes, closes }: Trading): FeatureRecord {
  const chance = random.fork(`features ${model}`);
  const own = wishes.filter((wish) => wish.model === model);
  const spoken = own.filter(({ asset, raw }, row) =>
    raw !== own.slice(0, row).findLast((before) => before.asset === asset)?.raw
  );
  return {
    names: [
      { name: "price", definition: "h4.close()" },
      { name: "momentum", definition: `daily.momentum(${model + 1})` },
    ],
    indexes: Int32Array.from(spoken, ({ index }) => index),
    assets: Int32Array.from(spoken, ({ asset }) => asset),
    values: Float64Array.from(
      spoken.flatMap(({ index, asset }) => [closes[asset]![index]!, chance.next() - 0.5]),
    ),
  };
}

interface Trading {
  readonly random: Random;
  readonly closes: readonly Float64Array[];
  readonly budgets: readonly number[];
  readonly markTimes: Float64Array;
  /** Of the account, and of each model. */
  readonly units: number[];
  readonly ledgers: number[][];
  cash: number;
  fills: number;
  readonly outcomes: OutcomeRecord[];
  readonly bookings: Booking[];
  readonly wishes: WishRecord[];
}

function emptyTrading(assets: number, budgets: readonly number[]) {
  return {
    units: new Array<number>(assets).fill(0),
    ledgers: budgets.map(() => new Array<number>(assets).fill(0)),
    ...{ cash: 100_000, fills: 0, outcomes: [], bookings: [], wishes: [] },
  };
}

/** Every model draws a new wish; opposite ones cross, and the account trades the rest. */
function trade(run: Trading, index: number, asset: number, nav: number): void {
  const { random, budgets, ledgers } = run;
  const referencePrice = run.closes[asset]![index]! * (1 + 0.01 * (random.next() - 0.5));
  const changes = budgets.map((budget, model) => {
    const raw = random.next() < 0.3 ? 0 : random.next() / run.units.length;
    const share = budget * raw;
    run.wishes.push({
      ...{ index, model, asset, raw, budget, wanted: share, share, stop: NaN, limit: NaN },
    });
    return share * nav / referencePrice - ledgers[model]![asset]!;
  });
  const buying = changes.reduce((sum, change) => sum + Math.max(0, change), 0);
  const selling = changes.reduce((sum, change) => sum + Math.max(0, -change), 0);
  const crossed = Math.min(buying, selling);
  const quantity = buying - selling;
  const price = referencePrice * (1 + 0.0005 * Math.sign(quantity));
  const slippage = Math.abs(quantity * (price - referencePrice));
  const fee = Math.abs(quantity) * price * 0.001;
  const time = run.markTimes[index]!;
  if (quantity !== 0) {
    const held = run.units[asset]!;
    run.outcomes.push({
      ...{ status: "filled", index, asset, kind: "market", model: -1, quantity, price },
      ...{ referencePrice, fee, slippage, target: held + quantity, held, sizingNav: nav },
      ...{
        sizingPrice: referencePrice,
        row: index,
        time,
        executedAt: time,
        nav,
        pessimistic: false,
      },
    });
    run.units[asset] = held + quantity;
    run.cash -= quantity * price + fee;
  }
  const fill = quantity === 0 ? -1 : run.fills++;
  for (const [model, moved] of changes.entries()) {
    if (moved === 0) continue;
    const side = moved > 0 ? buying : selling;
    const part = moved > 0 === quantity > 0 ? Math.abs(moved) / side : 0;
    run.bookings.push({
      ...{ index, model, asset, quantity: moved, price: referencePrice, time, fill },
      ...{ fee: fee * part, slippage: slippage * part, crossed: moved * crossed / side },
      cash: -moved * referencePrice - (fee + slippage) * part,
    });
    ledgers[model]![asset]! += moved;
  }
}

/** Closes of an asset whose history begins a few marks late. */
function walk(random: Random, marks: number, asset: number): Float64Array {
  let close = 50 * (asset + 1);
  return Float64Array.from({ length: marks }, (_, mark) => {
    close *= 1 + 0.02 * (random.next() - 0.499);
    return mark < asset ? NaN : close;
  });
}

function emptyRecord(symbols: readonly string[], assetClass: AssetClass): RunRecord {
  return {
    timeframe: "h4",
    assets: symbols.map((symbol) => ({
      ...{ symbol, assetClass, venue: "test", minOrderSize: 0.001 },
      ...{ quantityPrecision: null, pricePrecision: null },
    })),
    models: [],
    ...{ markTimes: new Float64Array(), nav: new Float64Array(), cash: new Float64Array() },
    ...{
      budgets: [],
      closes: [],
      fillFactors: new Float64Array(),
      outcomes: [],
      bookings: [],
      wishes: [],
      features: [],
    },
    ...{ adjustments: [], modes: [], gaps: [], coverage: [], lapsed: [] },
  };
}
