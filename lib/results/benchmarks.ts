import type { BenchmarkRecord } from "../core/run_record.ts";
import type { Statistics } from "../stats/summary.ts";
import type { PortfolioCurve } from "./curves.ts";
import type { RunTables } from "./table_schemas.ts";

/** A yardstick beside a run: its NAV at every mark, and the figures that the portfolio has too. */
export interface Benchmark extends Pick<BenchmarkRecord, "name" | "title"> {
  readonly times: Float64Array;
  readonly nav: Float64Array;
  /** Daily returns are taken on the clock of the run, so that the figures stand beside each other. */
  readonly statistics: Statistics;
}

/** A benchmark from its curve and figures. */
export function benchmarkOf(
  { name, title }: BenchmarkRecord,
  { times, nav }: PortfolioCurve,
  statistics: Statistics,
): Benchmark {
  return { name, title, times, nav, statistics };
}

/** Every mark of the first benchmark, then of the next. */
export function benchmarksTable(
  benchmarks: readonly Benchmark[],
): NonNullable<RunTables["benchmarks"]> {
  const rows = benchmarks.reduce((sum, { times }) => sum + times.length, 0);
  const time = new Float64Array(rows);
  const nav = new Float64Array(rows);
  const codes = new Int32Array(rows);
  let from = 0;
  for (const [place, benchmark] of benchmarks.entries()) {
    time.set(benchmark.times, from);
    nav.set(benchmark.nav, from);
    codes.fill(place, from, from + benchmark.times.length);
    from += benchmark.times.length;
  }
  return { time, name: { names: benchmarks.map(({ name }) => name), codes }, nav };
}
