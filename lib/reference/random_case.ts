import type { Asset, AssetClass } from "../core/asset.ts";
import { type Bars, DAY_MS, type Millis, type Series } from "../core/bars.ts";
import { expectedBars } from "../core/calendar.ts";
import { parseDate } from "../core/clock.ts";
import { type Random, seededRandom } from "../core/random.ts";
import { decisionTimes, type Listing } from "./market.ts";
import type { Case, Limits, ScriptedModel, Settings } from "./settings.ts";

/** A case with what only the other side needs to know of it. */
export interface RandomCase extends Case {
  /** Days between a model's due times; undefined is due at every decision. */
  readonly days: readonly (number | undefined)[];
  readonly allowShort: boolean;
  /** What the regime keys are made from. */
  readonly vix: Series;
}

/** There from the first day on and in every universe of the first model: something is always warm. */
const FIRST = "A0";

const FIRST_MONDAY = parseDate("1970-01-05");

/** A small market, portfolio and script from a number: the same one gives the same case everywhere. */
export function randomCase(number: number): RandomCase {
  const random = seededRandom(`reference/${number}`);
  const start = parseDate("2023-01-02") + random.integer(600) * DAY_MS;
  const end = start + (2 + random.integer(7)) * DAY_MS;
  const wild = chance(random, 0.4);
  const stopped = chance(random, 0.35);
  const listings = Array.from(
    { length: 1 + random.integer(4) },
    (_, index) =>
      randomListing(`A${index}`, { start, end, wild, stopped }, random.fork(`asset/${index}`)),
  );
  const full = chance(random, 0.35);
  const allowShort = !full && chance(random, 0.5);
  const count = 1 + random.integer(3);
  const seats = Array.from(
    { length: count },
    (_, index) =>
      randomModel(
        `M${index}_v1`,
        { listings, start, end, allowShort, count, full, wild, stopped },
        random.fork(`model/${index}`),
      ),
  );
  const models = seats.map(({ model }) => model);
  const vix = randomVix(start, end, random.fork("vix"));
  return {
    listings,
    models,
    settings: randomSettings(models, { start, end, wild, full, stopped }, random.fork("settings")),
    regimeKeys: (
      time,
    ) => ["equity_neutral", volatilityKey(vix, time), "crypto_risk_off", "macro_slowdown"],
    days: seats.map(({ days }) => days),
    allowShort,
    vix,
  };
}

interface Range {
  readonly start: Millis;
  readonly end: Millis;
}

function chance(random: Random, probability: number): boolean {
  return random.next() < probability;
}

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[random.integer(values.length)]!;
}

function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random.next();
}

function randomListing(
  symbol: string,
  range: Range & { wild: boolean; stopped: boolean },
  random: Random,
): Listing {
  const assetClass: AssetClass = chance(random, 0.5) ? "crypto" : "equity";
  // A stop gives up a model's own quantity, which need not be whole lots: the page leaves open what becomes of them.
  const quantityPrecision = range.stopped ? null : pick(random, [null, null, 0, 1, 2, 3, 4]);
  const lot = quantityPrecision === null ? 0.05 : 1 / 10 ** quantityPrecision;
  const minOrderSize = pick(random, [
    0,
    0,
    lot,
    Number((2.5 * lot).toPrecision(2)),
    Number((12.5 * lot).toPrecision(3)),
  ]);
  const asset: Asset = {
    symbol,
    assetClass,
    venue: "venue",
    minOrderSize,
    quantityPrecision,
    pricePrecision: null,
  };
  return { asset, bars: randomBars(asset, range, random) };
}

/** Bars from some days before the start on, or joining late; some are missing, alone or in a row. */
function randomBars(
  asset: Asset,
  { start, end, wild }: Range & { wild: boolean },
  random: Random,
): Bars {
  const late = chance(random, 0.25) && asset.symbol !== FIRST;
  const from = late ? start + random.integer(3) * DAY_MS : start - 4 * DAY_MS;
  const expected = expectedBars(asset.assetClass, "h4", from, end + DAY_MS);
  const missing = pick(random, [0, 0, 0.05, 0.25]);
  const size = wild ? 0.08 : 0.015;
  let price = between(random, 5, 400);
  let hole = 0;
  const rows = Array.from(expected.openTime, (openTime, row) => {
    const open = price * (1 + between(random, -size, size) / 2);
    const close = open * (1 + between(random, -size, size));
    price = close;
    hole = hole > 0 ? hole - 1 : chance(random, missing) ? 1 + random.integer(3) : 0;
    const [high, low] = [Math.max(open, close), Math.min(open, close)];
    return {
      openTime,
      availableAt: expected.availableAt[row]!,
      open,
      high: high * (1 + between(random, 0, size / 2)),
      low: low * (1 - between(random, 0, size / 2)),
      close,
      there: hole === 0,
    };
  }).filter(({ there }, row) => there || row === 0);
  const column = (value: (row: typeof rows[number]) => number) => Float64Array.from(rows, value);
  return {
    symbol: asset.symbol,
    timeframe: "h4",
    openTime: column(({ openTime }) => openTime),
    availableAt: column(({ availableAt }) => availableAt),
    open: column(({ open }) => open),
    high: column(({ high }) => high),
    low: column(({ low }) => low),
    close: column(({ close }) => close),
    volume: column(() => 1),
  };
}

interface Stage extends Range {
  readonly listings: readonly Listing[];
  readonly allowShort: boolean;
  readonly count: number;
  /** Whether the models use all they may, so that cash runs short. */
  readonly full: boolean;
  readonly wild: boolean;
  readonly stopped: boolean;
}

/** A model that changes its mind now and then. */
function randomModel(
  name: string,
  { listings, start, end, allowShort, count, full, wild, stopped }: Stage,
  random: Random,
) {
  const days = pick(random, [undefined, undefined, 1, 2, 3]);
  const symbols = listings.map(({ asset }) => asset.symbol);
  const universe = symbols.filter((symbol) => symbol === FIRST || chance(random, 0.7));
  const shorts = allowShort && chance(random, 0.6);
  const patience = between(random, 0.3, 0.95);
  const wishes = new Map<Millis, Readonly<Record<string, number>>>();
  const stops = new Map<Millis, Readonly<Record<string, number>>>();
  const kind = { shorts, full };
  let current = randomWeights(universe, kind, random);
  for (const time of decisionTimes(start, end)) {
    if (!isDue(days, time)) continue;
    if (!chance(random, patience)) current = randomWeights(universe, kind, random);
    wishes.set(time, current);
    if (stopped) stops.set(time, randomStops(current, wild ? 0.12 : 0.03, random));
  }
  const budget = full
    ? Math.floor(1000 / count) / 1000
    : Number((between(random, 0.4, 1) / count).toFixed(3));
  const model: ScriptedModel = { name, budget, universe, wishes, stops };
  return { model, days };
}

function isDue(days: number | undefined, time: Millis): boolean {
  if (days === undefined) return true;
  return time % DAY_MS === 0 && (time - FIRST_MONDAY) / DAY_MS % days === 0;
}

function randomWeights(
  universe: readonly string[],
  { shorts, full }: { shorts: boolean; full: boolean },
  random: Random,
) {
  const weights: Record<string, number> = {};
  const whole = full ? 1 : pick(random, [1, 0.95, 0.6, 0.3]);
  for (const symbol of universe) {
    const kind = random.next();
    if (!full && kind < 0.2) continue;
    if (kind < (full ? 0.1 : 0.3)) weights[symbol] = 0;
    else {
      const sign = shorts && chance(random, 0.5) ? -1 : 1;
      weights[symbol] = sign * whole * (full ? 1 : between(random, 0.2, 1)) / universe.length;
    }
  }
  return weights;
}

/** Stops on the losing side of what is wished for, at some share of the price. */
function randomStops(weights: Readonly<Record<string, number>>, size: number, random: Random) {
  const stops: Record<string, number> = {};
  for (const [symbol, weight] of Object.entries(weights)) {
    const away = size * between(random, 0.05, 1);
    if (weight !== 0 && chance(random, 0.6)) stops[symbol] = weight > 0 ? 1 - away : 1 + away;
  }
  return stops;
}

function randomSettings(
  models: readonly ScriptedModel[],
  { start, end, wild, full, stopped }: Range & Pick<Stage, "wild" | "full" | "stopped">,
  random: Random,
): Settings {
  const cost = () => ({
    feeBps: pick(random, [0, 1, 10, 60]),
    slippageBps: pick(random, [0, 2, 5, 50]),
  });
  const trigger = wild ? between(random, 0.02, 0.08) : 0.15;
  return {
    start,
    end,
    initialNav: pick(random, [1000, 25_000, 100_000]),
    fill: chance(random, 0.7) ? "next_open" : "same_close",
    sizing: chance(random, 0.6) ? "decision_price" : "fill_price",
    rebalanceThreshold: pick(random, [0, 0.005, 0.01, 0.03, 0.08]),
    allowBorrowing: chance(random, 0.2),
    cashRate: pick(random, [0, 0, 0.05]),
    costs: { equity: cost(), crypto: cost() },
    maxGapBars: pick(random, [0, 1, 2, 5]),
    limits: {
      ...(full ? NO_LIMITS : randomLimits(random)),
      perTradeRisk: stopped ? pick(random, [null, 0.01, 0.002]) : null,
    },
    regimeLimits: chance(random, 0.4)
      ? { vol_high: { maxLeverage: between(random, 0.2, 0.6) }, vol_low: { perAssetCap: 0.15 } }
      : {},
    regimeBudgets: chance(random, 0.5) ? randomBudgets(models, random) : {},
    drawdownTrigger: trigger,
    deriskingFactor: pick(random, [0.5, 0.25]),
    drawdownRecover: trigger * between(random, 0.4, 0.9),
    drawdownHalt: trigger * between(random, 1.1, 2),
    haltResumeDays: pick(random, [null, 1, 2]),
  };
}

const NO_LIMITS: Limits = {
  perAssetCap: null,
  classCaps: {},
  maxLeverage: 1.2,
  maxNetLeverage: null,
  perTradeRisk: null,
};

function randomLimits(random: Random): Limits {
  return {
    perAssetCap: pick(random, [null, between(random, 0.1, 0.5)]),
    classCaps: chance(random, 0.5) ? { crypto: between(random, 0.1, 0.4) } : {},
    maxLeverage: pick(random, [null, 1.2, between(random, 0.3, 0.8)]),
    maxNetLeverage: pick(random, [null, null, between(random, 0.1, 0.5)]),
    perTradeRisk: null,
  };
}

/** The equity entry may raise a budget, the others only lower it. */
function randomBudgets(models: readonly ScriptedModel[], random: Random) {
  const entry = (factor: () => number) =>
    Object.fromEntries(
      models.filter(() => chance(random, 0.7))
        .map((
          { name, budget },
        ) => [
          name,
          Math.min(Math.floor(1000 / models.length), Math.round(budget * factor() * 1000)) / 1000,
        ]),
    );
  return {
    equity_neutral: chance(random, 0.4) ? entry(() => between(random, 0.6, 1.6)) : {},
    vol_low: entry(() => between(random, 0.3, 1.3)),
    vol_high: entry(() => pick(random, [0, 0.5, 0.7])),
  };
}

/** A VIX that jumps between its three regimes. */
function randomVix(start: Millis, end: Millis, random: Random): Series {
  const expected = expectedBars("equity", "daily", start - 10 * DAY_MS, end + DAY_MS);
  let value = 20;
  return {
    name: "vix",
    date: expected.openTime,
    availableAt: expected.availableAt.map((close) => close + 15 * 60_000),
    value: expected.openTime.map(() =>
      chance(random, 0.4) ? value = pick(random, [12, 20, 30]) : value
    ),
  };
}

/** The key of the last VIX published by `time`. */
function volatilityKey({ availableAt, value }: Series, time: Millis): string {
  const row = availableAt.findLastIndex((moment) => moment <= time);
  const level = row < 0 ? NaN : value[row]!;
  return level < 15 ? "vol_low" : level > 25 ? "vol_high" : "vol_normal";
}
