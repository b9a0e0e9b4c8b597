import { type Bars, type Millis, sliceBars, upperBound } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import type { AuditFinding } from "../../core/proofs.ts";
import { type Random, seededRandom } from "../../core/random.ts";
import type { RunRecord } from "../../core/run_record.ts";
import type { Feature } from "../../features/feature.ts";
import { featureCache } from "../../features/pipeline.ts";
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
    for (const time of moments) {
      const finding = cutFinding(run, seated, time, compared);
      if (finding) return [finding];
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

/** The first value of a model's features that is another when nothing after `time` is there. */
function cutFinding(
  { laid, request }: Rehearsable,
  { planned, features, columns, places }: SeatedModel,
  time: Millis,
  compared: Compared,
): AuditFinding | undefined {
  // order: as the model declares them
  const declared = Object.entries(features);
  for (const [place, symbol] of planned.universe.entries()) {
    const cache = featureCache();
    const cuts = new Map<string, Bars>();
    for (const [column, [name, feature]] of declared.entries()) {
      const timeframe = timeframeOf(feature, request.plan);
      const { bars } = laid.market.assets[places[place]!]!.adjusted(timeframe);
      const known = upperBound(bars.availableAt, time);
      const cut = cuts.get(timeframe) ?? sliceBars(bars, 0, known);
      cuts.set(timeframe, cut);
      const { own } = columns[place]![column]!;
      const found = columnOf(cut, feature, cache.column);
      compared.feature_values += known;
      const row = found ? differingRow(own, found, known) : -1;
      if (row < 0) continue;
      return {
        checkpoint: formatTime(time),
        variant: "cut",
        what: "feature",
        where: `${planned.name} ${symbol} ${name}`,
        time: formatTime(bars.availableAt[row]!),
        expected: shown(own[row]),
        found: shown(found![row]),
      };
    }
  }
  return undefined;
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
