import type { Millis } from "../core/bars.ts";
import { formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { canonicalJson } from "../core/hash.ts";
import type { RunRecord } from "../core/run_record.ts";
import type { Statistics } from "../stats/summary.ts";
import { decisionCounts } from "./decisions.ts";
import type { DerivedRun } from "./derive.ts";
import { type CardRegimeNote, regimeNotes } from "./regimes.ts";
import type { RunStatistics } from "./run_statistics.ts";

/** Figures as they stand in JSON: moments as ISO text. */
export type CardStatistics = {
  readonly [Name in keyof Statistics]: Name extends TimeName ? string | null : Statistics[Name];
};

/** The statistics of a run as they stand in its card. */
export interface CardRunStatistics extends Omit<RunStatistics, "portfolio" | "models"> {
  readonly portfolio: CardStatistics;
  readonly models: Readonly<Record<string, CardStatistics>>;
  /** By name, in the order of `benchmarks`; absent when there is none. */
  readonly benchmarks?: Readonly<Record<string, CardStatistics>>;
}

/** A file that a run read: what of it the run could see. */
export interface CardDataFile {
  readonly symbol: string;
  readonly timeframe: string;
  readonly rows: number;
  readonly first: string;
  readonly last: string;
  /** Over the values of those rows. Where they came from is in the file itself, whose wording may change. */
  readonly hash: string;
  /** By column, which hash the rows have 4,096 at a time: enough to say where a change is. */
  readonly leaves?: Readonly<Record<string, string>>;
}

/** What a request brings to a card: everything but what follows from the record. */
export interface CardParts {
  /** Plain JSON. It decides the run id, so equal runs must bring equal plans. */
  readonly plan: unknown;
  readonly plan_hash: string;
  readonly data: { readonly fingerprint: string; readonly files: readonly CardDataFile[] };
  readonly code: {
    readonly fingerprint: string;
    /** Hash of the code that writes a run down; part of the run id, like the fingerprint. */
    readonly artefacts?: string;
    /** Modules in the fingerprint. */
    readonly files: number;
    readonly deno: string;
    /** `name@version`. */
    readonly packages: readonly string[];
    /** By path, the first 16 hex digits of each module's hash, of both kinds of code. */
    readonly modules?: Readonly<Record<string, string>>;
  };
  readonly seed: number;
  /** False when a model from outside the library took part. */
  readonly sealed: boolean;
  /** One line each; those that follow from the record are added. */
  readonly warnings: readonly string[];
}

/** `run.json`: what a run was made of and what came out, market time only, times as ISO text. */
export interface RunCard extends CardParts {
  readonly run_id: string;
  readonly coverage: readonly {
    readonly model: string;
    readonly symbol: string;
    readonly first_bar: string | null;
    readonly last_bar: string | null;
    readonly joins: string | null;
    readonly bars_at_join: number | null;
  }[];
  readonly gaps: readonly {
    readonly model: string;
    readonly symbol: string;
    readonly timeframe: string;
    readonly policy: string;
    readonly from: string;
    readonly to: string;
    readonly missing: number;
  }[];
  readonly modes: readonly {
    readonly time: string;
    readonly mode: string;
    readonly nav: number;
    readonly drawdown: number;
  }[];
  readonly lapsed: readonly { readonly symbol: string; readonly target_weight: number }[];
  /** By model: decisions that said something new, and when first and last. */
  readonly decisions: readonly {
    readonly model: string;
    readonly changes: number;
    readonly first: string | null;
    readonly last: string | null;
  }[];
  /** Absent when the run was not told of regimes; performance under each label is among the statistics. */
  readonly regimes?: {
    /** By dimension and label. */
    readonly days: Readonly<Record<string, Readonly<Record<string, number>>>>;
    readonly notes: readonly CardRegimeNote[];
  };
  /** What the yardsticks are called; their figures are among the statistics. */
  readonly benchmarks?: readonly { readonly name: string; readonly title: string }[];
  readonly statistics: CardRunStatistics;
  /** SHA-256 of every other file of the run, by name. */
  readonly artefacts: Readonly<Record<string, string>>;
}

const TIME_NAMES = [
  "start",
  "end",
  "max_drawdown_start",
  "max_drawdown_trough",
  "max_drawdown_end",
] as const;
type TimeName = typeof TIME_NAMES[number];

/** The card of a finished run. */
export function runCard(run: {
  readonly id: string;
  readonly record: RunRecord;
  readonly derived: DerivedRun;
  readonly parts: CardParts;
  readonly artefacts: Readonly<Record<string, string>>;
}): RunCard {
  const { id, record, derived, parts, artefacts } = run;
  const { plan, plan_hash, data, code, seed, sealed, warnings } = parts;
  return {
    run_id: id,
    plan: inKeyOrder(plan),
    plan_hash,
    data: inKeyOrder(data),
    code: inKeyOrder(code),
    seed,
    sealed,
    ...recordedFacts(record),
    ...derivedFacts(record, derived),
    warnings,
    statistics: cardStatistics(derived),
    artefacts: inKeyOrder(artefacts),
  };
}

/** The text of `run.json`: equal runs give equal text. */
export function cardText(card: RunCard): string {
  return `${JSON.stringify(card, null, 2)}\n`;
}

/** Reads the text of `run.json`; refuses what is no card of the run `id`. */
export function parseCard(text: string, id: string, file: string): RunCard {
  const damaged = (found: string, cause?: unknown) =>
    new Refusal(
      `Cannot read ${file}: found ${found}, expected the card of run ${id}; ` +
        "remove its folder and run again",
      { cause },
    );
  let card: Partial<RunCard> | null;
  try {
    card = JSON.parse(text);
  } catch (cause) {
    throw damaged("broken JSON", cause);
  }
  if (card === null || typeof card !== "object") throw damaged("no JSON object");
  if (card.run_id !== id) throw damaged(`run_id ${JSON.stringify(card.run_id) ?? "absent"}`);
  const needed = ["plan", "data", "code", "statistics", "artefacts"] as const;
  const absent = needed.find((key) => typeof card[key] !== "object" || card[key] === null);
  if (absent !== undefined) throw damaged(`no "${absent}"`);
  return card as RunCard;
}

function recordedFacts(record: RunRecord) {
  const symbolOf = (asset: number) => record.assets[asset]!.symbol;
  return {
    coverage: record.coverage.map(({ model, symbol, firstBar, lastBar, joins, barsAtJoin }) => ({
      model,
      symbol,
      first_bar: timeText(firstBar),
      last_bar: timeText(lastBar),
      joins: timeText(joins),
      bars_at_join: barsAtJoin,
    })),
    gaps: record.gaps.map(({ model, symbol, timeframe, policy, from, to, missing }) => ({
      model,
      symbol,
      timeframe,
      policy,
      from: formatTime(from),
      to: formatTime(to),
      missing,
    })),
    modes: record.modes.map(({ index, mode, nav, drawdown }) => ({
      time: formatTime(record.markTimes[index]!),
      mode,
      nav,
      drawdown,
    })),
    lapsed: record.lapsed.map(({ asset, weight }) => ({
      symbol: symbolOf(asset),
      target_weight: weight,
    })),
  };
}

function derivedFacts(record: RunRecord, { statistics: { regimes }, benchmarks }: DerivedRun) {
  const moment = (index: number) => index < 0 ? null : formatTime(record.markTimes[index]!);
  // order: as the dimensions are listed
  const days = Object.entries(regimes ?? {}).map(([dimension, states]) =>
    [
      dimension,
      Object.fromEntries(Object.entries(states).map(([label, { days }]) => [label, days])),
    ] as const
  );
  return {
    decisions: decisionCounts(record).map(({ model, changes, first, last }) => ({
      model,
      changes,
      first: moment(first),
      last: moment(last),
    })),
    ...(regimes ? { regimes: { days: Object.fromEntries(days), notes: regimeNotes(record) } } : {}),
    ...(benchmarks.length > 0
      ? { benchmarks: benchmarks.map(({ name, title }) => ({ name, title })) }
      : {}),
  };
}

function cardStatistics({ statistics, benchmarks }: DerivedRun): CardRunStatistics {
  const { portfolio, models, ...rest } = statistics;
  const yardsticks = benchmarks.map(({ name, statistics }) =>
    [name, withTimeTexts(statistics)] as const
  );
  return {
    ...rest,
    portfolio: withTimeTexts(portfolio),
    models: Object.fromEntries(
      Object.entries(models).map(([name, figures]) => [name, withTimeTexts(figures)]),
    ),
    ...(yardsticks.length > 0 ? { benchmarks: Object.fromEntries(yardsticks) } : {}),
  };
}

function withTimeTexts(figures: Statistics): CardStatistics {
  const texts = TIME_NAMES.map((name) => [name, timeText(figures[name])] as const);
  return { ...figures, ...Object.fromEntries(texts) as Record<TimeName, string | null> };
}

function timeText(time: Millis | null): string | null {
  return time === null ? null : formatTime(time);
}

/** The same value with the keys of its objects sorted: a request may bring them in any order. */
function inKeyOrder<Value>(value: Value): Value {
  return JSON.parse(canonicalJson(value));
}
