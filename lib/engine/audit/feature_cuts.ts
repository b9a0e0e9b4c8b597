import { type Bars, type Millis, sliceBars, upperBound } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import type { AuditFinding } from "../../core/proofs.ts";
import { type Random, seededRandom } from "../../core/random.ts";
import type { RunRecord } from "../../core/run_record.ts";
import type { Feature } from "../../features/feature.ts";
import { type FeatureCache, featureCache } from "../../features/pipeline.ts";
import { type SeatedModel, timeframeOf } from "../setup.ts";
import type { Rehearsable } from "../simulate.ts";
import { type Compared, shown } from "./compare.ts";
import { differingRow } from "./difference.ts";

/** What the cuts found, and how many moments they were made at. */
export interface FeatureCuts {
  readonly count: number;
  readonly findings: readonly AuditFinding[];
}

const MOST_CUTS = 128;
/** Of these, decisions at which a model changed its mind; the others are drawn from all. */
const AT_WISHES = 96;
/** Rows of all columns together that may be computed again: keeps the audit of very long histories short. */
const MOST_ROWS = 20_000_000;

/**
 * Computes every feature from nothing but the bars that were known, at many more moments than whole stretches can be made
 * again: a look ahead of a bar or two shows only at the last rows of a cut, and mostly where it moved a wish.
 */
export function featureCuts(run: Rehearsable, compared: Compared): FeatureCuts {
  const { models } = run.laid.setup;
  const times = run.laid.market.decisionTimes;
  const moments = chooseMoments(run, cutsFor(models)).map((index) => times[index]!);
  const findings = models.flatMap((seated) => {
    const columns = cutColumns(run, seated);
    for (const time of moments) {
      const cache = featureCache();
      for (const column of columns) {
        const finding = cutFinding(column, time, cache, compared);
        if (finding) return [finding];
      }
    }
    return [];
  });
  return { count: moments.length, findings };
}

function cutsFor(models: readonly SeatedModel[]): number {
  const rows = models.flatMap(({ columns }) => columns.flat())
    .reduce((sum, { own }) => sum + own.length, 0);
  return Math.max(1, Math.min(MOST_CUTS, Math.floor(MOST_ROWS / Math.max(1, rows))));
}

function chooseMoments({ record, laid, request }: Rehearsable, most: number): readonly number[] {
  const random = seededRandom(request.plan.seed).fork("feature cuts");
  const atWishes = drawn(changedWishes(record), Math.ceil(most * AT_WISHES / MOST_CUTS), random);
  const all = laid.market.decisionTimes.length;
  const others = Array.from({ length: most - atWishes.length }, () => random.integer(all));
  return [...new Set([...atWishes, ...others])].sort((a, b) => a - b);
}

/** Decisions at which a model said something new, or something was traded. */
function changedWishes({ wishes, outcomes }: RunRecord): readonly number[] {
  const said = wishes.filter(({ raw }) => !Number.isNaN(raw)).map(({ index }) => index);
  const traded = outcomes.map(({ index }) => index);
  return [...new Set([...said, ...traded])].sort((a, b) => a - b);
}

/** `count` of the items, each at most once; all of them where there are no more. */
function drawn(items: readonly number[], count: number, random: Random): readonly number[] {
  const left = [...items];
  for (let i = 0; i < Math.min(count, left.length); i++) {
    const other = i + random.integer(left.length - i);
    [left[i], left[other]] = [left[other]!, left[i]!];
  }
  return left.slice(0, count);
}

/** One feature of one asset, as the run had it. */
interface CutColumn {
  readonly where: string;
  readonly feature: Feature;
  readonly own: Float64Array;
  readonly history: History;
}

/** The bars of one asset and timeframe, and the cut that was made of them last. */
interface History {
  readonly bars: Bars;
  cut: Bars;
}

function cutColumns(
  { laid, request }: Rehearsable,
  { planned, features, columns, places }: SeatedModel,
): readonly CutColumn[] {
  return planned.universe.flatMap((symbol, place) => {
    const market = laid.market.assets[places[place]!]!;
    const histories = new Map<string, History>();
    // order: as the model declares them
    return Object.entries(features).map(([name, feature], column): CutColumn => {
      const timeframe = timeframeOf(feature, request.plan);
      let history = histories.get(timeframe);
      if (!history) {
        const { bars } = market.adjusted(timeframe);
        histories.set(timeframe, history = { bars, cut: sliceBars(bars, 0, 0) });
      }
      const { own } = columns[place]![column]!;
      return { where: `${planned.name} ${symbol} ${name}`, feature, own, history };
    });
  });
}

// A look ahead of more bars than these shows in the stretches that are made again.
const LAST_ROWS = 64;

/** The first of a feature's last values that is another when nothing after `time` is there. */
function cutFinding(
  { where, feature, own, history }: CutColumn,
  time: Millis,
  cache: FeatureCache,
  compared: Compared,
): AuditFinding | undefined {
  const { bars } = history;
  const known = upperBound(bars.availableAt, time);
  if (history.cut.openTime.length !== known) history.cut = sliceBars(bars, 0, known);
  const found = columnOf(history.cut, feature, cache.column);
  if (!found) return undefined;
  const from = Math.max(0, known - LAST_ROWS);
  compared.feature_values += known - from;
  const row = differingRow(own.subarray(from, known), found.subarray(from), known - from);
  if (row < 0) return undefined;
  return {
    checkpoint: formatTime(time),
    variant: "cut",
    what: "feature",
    where,
    time: formatTime(bars.availableAt[from + row]!),
    expected: shown(own[from + row]),
    found: shown(found[from + row]),
  };
}

/** The column; none where there are too few bars for one, which the stretches that are made again would tell. */
function columnOf(
  bars: Bars,
  feature: Feature,
  compute: (bars: Bars, feature: Feature) => Float64Array,
): Float64Array | undefined {
  try {
    return compute(bars, feature);
  } catch {
    return undefined;
  }
}
