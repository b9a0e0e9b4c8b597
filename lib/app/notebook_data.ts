import { DAY_MS, type Timeframe } from "../core/bars.ts";
import { formatDate } from "../core/clock.ts";
import { hasBars, readActions, readBars } from "../data/mod.ts";
import type { LoadedPlan } from "./load_plan.ts";

/** One file of bars, read and validated; it makes a row of a table. */
export interface DataRow {
  readonly asset: string;
  readonly timeframe: Timeframe;
  readonly bars: number;
  /** Dates of the first and last bar. */
  readonly from: string;
  readonly to: string;
  /** Bars that an unbroken history would hold beside these. */
  readonly missing: number;
  /** Most of them in a row. */
  readonly longest_gap: number;
  /** Share of the bars that an unbroken history would hold. */
  readonly coverage: number;
  /** Whether prices before a split are already divided by it. */
  readonly splits: "raw" | "applied";
  /** Dividends and splits on file inside the span. */
  readonly actions: number;
  /** First 12 hex digits of the hash over the values. */
  readonly hash: string;
}

/** Every file of bars that the assets of a plan have, each validated like for a run (FR-009): the first bad one refuses. */
export async function dataFiles({ plan, dataRoot }: LoadedPlan): Promise<readonly DataRow[]> {
  const actions = await readActions(dataRoot);
  const rows: DataRow[] = [];
  for (const asset of plan.assets) {
    for (const timeframe of ["h4", "daily"] as const) {
      if (!await hasBars(dataRoot, asset, timeframe)) continue;
      const loaded = await readBars(dataRoot, asset, timeframe, { maxGapBars: plan.maxGapBars });
      const { openTime } = loaded.bars;
      const [first, last] = [openTime[0]!, openTime.at(-1)!];
      const missing = loaded.gaps.map((gap) => gap.missing.length);
      const absent = missing.reduce((sum, bars) => sum + bars, 0);
      const own = actions.filter(({ symbol, exDate }) =>
        symbol === asset.symbol && exDate >= first && exDate < last + DAY_MS
      );
      rows.push({
        ...{ asset: asset.symbol, timeframe, bars: openTime.length },
        ...{ from: formatDate(first), to: formatDate(last) },
        ...{ missing: absent, longest_gap: Math.max(0, ...missing) },
        coverage: openTime.length / (openTime.length + absent),
        ...{ splits: loaded.splits, actions: own.length },
        hash: loaded.contentHash.slice(0, 12),
      });
    }
  }
  return rows;
}
