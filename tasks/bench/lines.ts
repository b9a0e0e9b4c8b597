/** One thing to be measured, what is aimed at, and what others need for the same. */
export interface Line {
  readonly id: string;
  readonly group: Group;
  readonly label: string;
  readonly unit: "ms" | "MB" | "KB" | "/s";
  /** At most this, in the line's unit. */
  readonly aim?: number;
  readonly stretch?: number;
  readonly peers?: readonly Peer[];
  /** How many equal pieces the work has, and what one is called. */
  readonly pieces?: { readonly count: number; readonly name: string };
}

/** Another program's median for the same work, measured beside ours on two cores, in the line's unit. */
export interface Peer {
  readonly name: string;
  readonly value: number;
  /** The other end, where the figure is a range. */
  readonly upTo?: number;
}

/** The groups by their word on the command line, with their headings. */
export const GROUPS = {
  process: "Whole process: backtest --force of the base configuration",
  stages: "Where that process spends its time, one after the other",
  base: "Base configuration, in process and warm",
  proofs: "What the base run can show for itself, in process and warm",
  w1: "W1: one asset, 50/200 cross",
  w4: "W4: W1's work at scale, engine alone",
  sweep: "Searches: optimize run, as processes of their own with a record of their own",
  redis: "Searches over Redis: worker processes of one sandbox each, on the same machine",
  kernels: "Indicators: SMA, EMA, RSI, ATR and Bollinger over one million bars",
  files: "Data: eight Parquet files to arrays, cold process",
  metrics: "Statistics of a run of 2,500 days",
} as const;

export type Group = keyof typeof GROUPS;

/** Bars of W1 and of each asset of the wide W4. */
export const W1_BARS = 10_950;

/** The sizes of W4 by line id: bars of each asset, and assets. */
export const W4_SIZES: Readonly<
  Record<string, { readonly bars: number; readonly assets: number }>
> = {
  w4_10k: { bars: 10_000, assets: 1 },
  w4_100k: { bars: 100_000, assets: 1 },
  w4_1m: { bars: 1_000_000, assets: 1 },
  w4_4_assets: { bars: W1_BARS, assets: 4 },
  w4_40_assets: { bars: W1_BARS, assets: 40 },
  w4_400_assets: { bars: W1_BARS, assets: 400 },
};

const W4_AIMS: Readonly<Record<string, Pick<Line, "aim" | "peers">>> = {
  w4_1m: {
    aim: 60,
    peers: [{ name: "raptorbt", value: 100 }, { name: "vectorbt", value: 172 }],
  },
  w4_400_assets: { aim: 200, peers: [{ name: "raptorbt", value: 290 }] },
};

/** The stages of a backtest in the order in which they happen. */
export const STAGES = [
  { id: "runtime", label: "start of the runtime" },
  { id: "imports", label: "imports" },
  { id: "configuration", label: "configuration and plan" },
  { id: "data", label: "price files" },
  { id: "code", label: "fingerprint of the code" },
  { id: "sandbox", label: "run in the sandbox" },
  { id: "derive", label: "curves and statistics" },
  { id: "luck", label: "intervals and shuffled days" },
  { id: "benchmarks", label: "rest of the benchmarks" },
  { id: "encode", label: "artefacts as bytes" },
  { id: "write", label: "artefacts to the disk" },
  { id: "database", label: "record in the database" },
  { id: "certificate", label: "rest of certificate and envelope" },
  { id: "exit", label: "end of the process" },
] as const;

export type Stage = typeof STAGES[number]["id"];

/** Every line, in the order of the table. */
export const LINES: readonly Line[] = [
  { id: "process", group: "process", label: "with --no-audit", unit: "ms", aim: 800 },
  { id: "process_audit", group: "process", label: "with its certificate", unit: "ms", aim: 1000 },
  { id: "process_verify", group: "process", label: "deno task verify of it", unit: "ms" },
  {
    id: "process_report",
    group: "process",
    label: "deno task report of it",
    unit: "ms",
    aim: 600,
    peers: [{ name: "quantstats, HTML", value: 3600 }],
  },
  {
    id: "process_first_chart",
    group: "process",
    label: "first chart, cold process",
    unit: "ms",
    aim: 500,
  },
  { id: "process_charts", group: "process", label: "thirteen charts after it", unit: "ms" },
  { id: "process_memory", group: "process", label: "peak memory", unit: "MB", aim: 250 },
  ...STAGES.map(({ id, label }) =>
    ({ id: `stage_${id}`, group: "stages", label, unit: "ms" }) as const
  ),
  {
    id: "base_engine",
    group: "base",
    label: "engine alone",
    unit: "ms",
    aim: 50,
    peers: [
      { name: "vectorbt, no attribution", value: 49 },
      { name: "bt", value: 560 },
      { name: "nautilus_trader", value: 1600 },
      { name: "backtrader", value: 2700 },
      { name: "zipline", value: 11000 },
    ],
  },
  { id: "base_derive", group: "base", label: "curves and statistics", unit: "ms" },
  { id: "proof_audit", group: "proofs", label: "certificate, 8 checkpoints", unit: "ms", aim: 200 },
  { id: "proof_envelope", group: "proofs", label: "fill envelope", unit: "ms", aim: 100 },
  { id: "proof_luck", group: "proofs", label: "intervals and shuffled days", unit: "ms", aim: 200 },
  { id: "proof_corpus", group: "proofs", label: "audit of all planted leaks", unit: "ms" },
  {
    id: "w1",
    group: "w1",
    label: "engine and statistics",
    unit: "ms",
    aim: 2,
    peers: [
      { name: "raptorbt", value: 0.7 },
      { name: "vectorbt", value: 24 },
      { name: "backtesting.py", value: 71 },
      { name: "nautilus_trader", value: 246 },
    ],
    pieces: { count: W1_BARS, name: "bar" },
  },
  {
    id: "w1_engine",
    group: "w1",
    label: "engine alone",
    unit: "ms",
    pieces: { count: W1_BARS, name: "bar" },
  },
  {
    id: "w1_plain",
    group: "w1",
    label: "a bare loop on this machine",
    unit: "ms",
    peers: [{ name: "V8 elsewhere", value: 0.1, upTo: 0.2 }],
    pieces: { count: W1_BARS, name: "bar" },
  },
  ...Object.entries(W4_SIZES).map(([id, { bars, assets }]) =>
    ({
      id,
      group: "w4",
      label: `${grouped(assets)} ${assets === 1 ? "asset" : "assets"} × ${grouped(bars)} bars`,
      unit: "ms",
      ...W4_AIMS[id],
      pieces: { count: bars * assets, name: "bar" },
    }) as const
  ),
  {
    id: "sweep_100_process",
    group: "sweep",
    label: "W3-100, 100 pairs, whole process",
    unit: "ms",
    aim: 500,
    pieces: { count: 100, name: "trial" },
  },
  {
    id: "sweep_10k_trials",
    group: "sweep",
    label: "W3-10k, 10,000 pairs, the trials",
    unit: "ms",
    aim: 500,
    peers: [
      { name: "a loop in C with SIMD", value: 70 },
      { name: "a loop in V8", value: 200, upTo: 340 },
      { name: "raptorbt", value: 5600 },
      { name: "vectorbt", value: 6400 },
    ],
    pieces: { count: 10_000, name: "trial" },
  },
  {
    id: "sweep_10k_process",
    group: "sweep",
    label: "W3-10k, whole process",
    unit: "ms",
    aim: 1000,
    peers: [{ name: "raptorbt", value: 6100 }, { name: "vectorbt", value: 11_400 }],
    pieces: { count: 10_000, name: "trial" },
  },
  {
    id: "sweep_10k_luck",
    group: "sweep",
    label: "W3-10k with DSR, SPA and PBO, whole process",
    unit: "ms",
    aim: 60_000,
  },
  {
    id: "sweep_base_trials",
    group: "sweep",
    label: "base portfolio, 100 combinations, the trials",
    unit: "ms",
    aim: 2000,
    pieces: { count: 100, name: "trial" },
  },
  {
    id: "sweep_base_process",
    group: "sweep",
    label: "the same, whole process with tests over all trials",
    unit: "ms",
  },
  { id: "sweep_100_memory", group: "sweep", label: "peak memory of W3-100", unit: "MB" },
  { id: "sweep_10k_memory", group: "sweep", label: "peak memory of W3-10k", unit: "MB" },
  {
    id: "redis_local",
    group: "redis",
    label: "W3-10k by two sandboxes without Redis, the trials",
    unit: "ms",
    pieces: { count: 10_000, name: "trial" },
  },
  ...[1, 2, 4].map((count) =>
    ({
      id: `redis_${count}`,
      group: "redis",
      label: `W3-10k, worker processes: ${count}`,
      unit: "ms",
      pieces: { count: 10_000, name: "trial" },
    }) as const
  ),
  {
    id: "redis_base",
    group: "redis",
    label: "base portfolio, 100 combinations, worker processes: 2",
    unit: "ms",
    pieces: { count: 100, name: "trial" },
  },
  { id: "redis_job", group: "redis", label: "largest job of W3-10k in Redis", unit: "KB" },
  { id: "redis_result", group: "redis", label: "largest result, without returns", unit: "KB" },
  { id: "redis_commands", group: "redis", label: "commands", unit: "/s" },
  { id: "redis_memory", group: "redis", label: "peak memory of Redis, data included", unit: "MB" },
  {
    id: "kernels",
    group: "kernels",
    label: "into buffers used again",
    unit: "ms",
    aim: 20,
    stretch: 15,
    peers: [
      { name: "TA-Lib", value: 15 },
      { name: "bare V8 loops", value: 17 },
      { name: "pandas", value: 111 },
    ],
    pieces: { count: 1_000_000, name: "bar" },
  },
  {
    id: "kernels_new",
    group: "kernels",
    label: "into new columns",
    unit: "ms",
    pieces: { count: 1_000_000, name: "bar" },
  },
  {
    id: "files",
    group: "files",
    label: "H4 and daily of four assets",
    unit: "ms",
    aim: 140,
    peers: [{ name: "DuckDB", value: 240 }, { name: "pandas", value: 420 }],
  },
  {
    id: "metrics",
    group: "metrics",
    label: "all figures",
    unit: "ms",
    aim: 2,
    peers: [{ name: "ffn", value: 10.5 }],
  },
];

function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
