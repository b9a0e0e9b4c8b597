import { formatDate, formatTime } from "../core/clock.ts";
import type { Timeframe } from "../core/bars.ts";
import { Refusal } from "../core/errors.ts";
import { joinColumn } from "../core/panel.ts";
import type { Coverage, GapNote } from "../core/run_record.ts";
import type { Feature } from "../features/feature.ts";
import type { FeatureCache } from "../features/pipeline.ts";
import type { Model, Schedule } from "../models/model.ts";
import type { RegimeTimeline } from "../regime/mod.ts";
import { type Proposer, proposer } from "../models/proposer.ts";
import { type FeatureColumn, RESERVED_NAMES } from "../models/view.ts";
import type { Market, MarketAsset } from "./market.ts";
import type { Plan, PlannedModel } from "./plan.ts";
import type { Pulse } from "./pulse.ts";
import { regimeChanges, regimeSettings, type SettingAt } from "./regime_settings.ts";

/** A model of the plan, ready to be asked. */
export interface SeatedModel {
  readonly planned: PlannedModel;
  readonly proposer: Proposer;
  readonly schedule: Schedule | undefined;
  /** Place in the plan's assets of each symbol of its universe. */
  readonly places: Int32Array;
  /** Its declared features by name, and their columns by place in the universe, in the same order. */
  readonly features: Readonly<Record<string, Feature>>;
  readonly columns: readonly (readonly FeatureColumn[])[];
  /** By place in the universe: first decision at which the asset could be used, -1 when never. */
  readonly joins: Int32Array;
}

/** All models of a plan on a market, and what was noticed on the way. */
export interface Setup {
  readonly models: readonly SeatedModel[];
  /** Where each model's assets begin, models and symbols in order. */
  readonly coverage: readonly Coverage[];
  readonly notes: readonly GapNote[];
  readonly settingAt: SettingAt;
  readonly regimes: RegimeTimeline | undefined;
}

/** No asset of any model has its features and a price before the end. */
export class NothingWarm extends Refusal {}

/** The timeframe a feature is computed on. */
export function timeframeOf(feature: Feature, plan: Pick<Plan, "timeframe">): Timeframe {
  return feature.timeframe === "trading" ? plan.timeframe : feature.timeframe;
}

/** Declares and computes the features of every model. Refuses a plan in which no asset is ever warm. */
export function seatModels(
  plan: Plan,
  models: readonly Model[],
  { market, cache, pulse, regimes, mayBeCold = false }: {
    market: Market;
    cache: FeatureCache;
    pulse?: Pulse | undefined;
    regimes?: RegimeTimeline | undefined;
    /** A part of a run may well lie before anything is warm. */
    mayBeCold?: boolean;
  },
): Setup {
  const notes: GapNote[] = [];
  const seated = plan.models.map((planned, place) => {
    pulse?.asking(place);
    const model = models.find(({ name }) => name === planned.name);
    if (!model) throw new RangeError(`Model ${planned.name} is planned and was not given`);
    return seatModel(plan, planned, model, { market, cache, notes, regimes });
  });
  pulse?.asking(-1);
  if (!mayBeCold && !seated.some(({ joins }) => joins.some((index) => index >= 0))) {
    throw new NothingWarm(nothingWarm(plan, market));
  }
  const coverage = seated.flatMap((model) => coverageOf(model, market));
  return { models: seated, coverage, notes, settingAt: regimeSettings(plan, regimes), regimes };
}

function coverageOf({ planned, places, joins }: SeatedModel, market: Market): Coverage[] {
  return planned.universe.map((symbol, place) => {
    const { bars, knownRow } = market.assets[places[place]!]!;
    const index = joins[place]!;
    return {
      model: planned.name,
      symbol,
      firstBar: bars.openTime[0] ?? null,
      lastBar: bars.openTime[bars.openTime.length - 1] ?? null,
      joins: index < 0 ? null : market.decisionTimes[index]!,
      barsAtJoin: index < 0 ? null : knownRow[index]! + 1,
    };
  });
}

interface Surroundings {
  readonly market: Market;
  readonly cache: FeatureCache;
  readonly notes: GapNote[];
  readonly regimes: RegimeTimeline | undefined;
}

function seatModel(
  plan: Plan,
  planned: PlannedModel,
  model: Model,
  { market, cache, notes, regimes }: Surroundings,
): SeatedModel {
  const features = declaredFeatures(model, planned);
  // order: as the model declares them
  const featureNames = Object.keys(features);
  checkNames(model.name, featureNames);
  const places = Int32Array.from(
    planned.universe,
    (symbol) => plan.assets.findIndex((asset) => asset.symbol === symbol),
  );
  const maxMissing = planned.missing === "ffill" ? plan.maxGapBars : 0;
  const onClock = (asset: MarketAsset, feature: Feature): FeatureColumn => {
    const timeframe = timeframeOf(feature, plan);
    const own = saying(
      `${planned.name} could not compute ${timeframe}.${feature.name}`,
      () => cache.column(asset.adjusted(timeframe).bars, feature),
    );
    const join = asset.join(timeframe, maxMissing);
    return { joined: joinColumn(own, join), own, rows: join.rows };
  };
  const assets = [...places].map((place) => market.assets[place]!);
  const columns = assets.map((asset) =>
    featureNames.map((name) => onClock(asset, features[name]!))
  );
  const usable = assets.map((asset, i) =>
    usableAt(columns[i]!, asset.join(plan.timeframe, maxMissing).rows)
  );
  const joins = Int32Array.from(usable, (flags) => flags.indexOf(1));
  assets.forEach((asset, i) => {
    const timeframes = new Set(featureNames.map((name) => timeframeOf(features[name]!, plan)));
    timeframes.add(plan.timeframe);
    for (const timeframe of [...timeframes].sort()) {
      noteGaps({ planned, asset, timeframe, from: joins[i]!, market, maxMissing }, notes);
    }
  });
  return {
    planned,
    places,
    features,
    columns,
    joins,
    schedule: checkSchedule(model, planned),
    proposer: proposer({
      model,
      parameters: planned.parameters,
      universe: planned.universe,
      featureNames,
      columns,
      usable,
      times: market.decisionTimes,
      allowShort: plan.risk.allowShort,
      ...(regimes ? { regimeAt: regimes.labelsAt, regimeChanged: regimeChanges(regimes) } : {}),
    }),
  };
}

/** 1 where every feature has a value and a trading bar is known. */
function usableAt(columns: readonly FeatureColumn[], tradingRows: Int32Array): Uint8Array {
  const usable = new Uint8Array(tradingRows.length);
  for (let t = 0; t < usable.length; t++) usable[t] = tradingRows[t]! < 0 ? 0 : 1;
  for (const { joined } of columns) {
    for (let t = 0; t < usable.length; t++) {
      const value = joined[t]!;
      if (value !== value) usable[t] = 0;
    }
  }
  return usable;
}

/** Logs every stretch of missing bars since the asset joined, or refuses it where the model says so. */
function noteGaps(
  { planned, asset, timeframe, from, market, maxMissing }: {
    planned: PlannedModel;
    asset: MarketAsset;
    timeframe: Timeframe;
    from: number;
    market: Market;
    maxMissing: number;
  },
  notes: GapNote[],
): void {
  if (from < 0) return;
  const timeOf = (index: number) => market.markTimes[index]!;
  for (const gap of asset.join(timeframe, maxMissing).gaps) {
    if (gap.to <= from) continue;
    const { symbol } = asset.asset;
    const { name: model, missing: policy } = planned;
    if (policy === "fail") {
      throw new Refusal(
        `${model} refuses missing data: ${symbol} ${timeframe} lacks ${gap.missing} bars before ${
          formatTime(timeOf(gap.to))
        } (missing: fail)`,
      );
    }
    notes.push({
      model,
      symbol,
      timeframe,
      policy,
      from: timeOf(gap.from),
      to: timeOf(gap.to),
      missing: gap.missing,
    });
  }
}

/** What the model wants to see. Its own mistakes while it says so are told with its name. */
export function declaredFeatures(
  model: Model,
  { name, parameters }: PlannedModel,
): Readonly<Record<string, Feature>> {
  const features = saying(
    `${name} could not declare its features`,
    () => model.features(parameters),
  );
  // order: as the model declares them
  const odd = Object.entries(features ?? {}).find(([, feature]) => !isFeature(feature));
  if (!odd) return features;
  throw new Refusal(
    `${name} could not declare its features: found ${String(odd[1])} as "${odd[0]}", ` +
      "expected a feature made by a builder, such as h4.close()",
  );
}

function isFeature(value: unknown): value is Feature {
  return typeof value === "object" && value !== null &&
    typeof (value as Feature).compute === "function" &&
    ["h4", "daily", "trading"].includes((value as Feature).timeframe);
}

/** Does a part of a model's work; what it throws is told in one line that begins with `what`. */
function saying<Result>(what: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal(`${what}: ${message.split("\n")[0]}`, { cause });
  }
}

function checkNames(model: string, names: readonly string[]): void {
  if (names.length === 0) throw new Refusal(`${model} declares no features, expected at least one`);
  const taken = names.find((name) => RESERVED_NAMES.includes(name));
  if (taken !== undefined) {
    throw new Refusal(
      `${model} declares a feature "${taken}", a name that every asset has already (${
        RESERVED_NAMES.slice(0, 4).join(", ")
      })`,
    );
  }
}

function checkSchedule(model: Model, planned: PlannedModel): Schedule | undefined {
  const schedule = saying(
    `${model.name} could not tell its schedule`,
    () => model.schedule(planned.parameters),
  );
  if (schedule && !(Number.isInteger(schedule.days) && schedule.days > 0)) {
    throw new Refusal(
      `${model.name} has a schedule of ${
        String(schedule.days)
      } days, expected a whole number above 0`,
    );
  }
  return schedule;
}

function nothingWarm(plan: Plan, market: Market): string {
  const spans = market.assets.map(({ asset, bars }) => {
    const count = bars.openTime.length;
    if (count === 0) return `${asset.symbol} has no bars by then`;
    return `${asset.symbol} has ${count} bars from ${formatDate(bars.openTime[0]!)} to ${
      formatDate(bars.openTime[count - 1]!)
    }`;
  });
  const end = formatDate(plan.end - 1);
  return `No asset is warm at any decision from ${formatDate(plan.start)} to ${end}: ${
    spans.join("; ")
  }`;
}
