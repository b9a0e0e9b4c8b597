import {
  backtest,
  type LoadedPlan,
  loadPlan,
  Refusal,
  report,
  type Run,
  runSummary,
} from "../lib/mod.ts";
import {
  abortOnInterrupt,
  commaList,
  json,
  parseFlags,
  progressLine,
  runTask,
  shownPath,
} from "./shared.ts";

const USAGE = "deno task backtest [CONFIG…] [--start D] [--end D] [--models A,B] " +
  "[--set path=value]… [--name N] [--threads N] [--no-audit] [--report] [--json] [--force]";

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    config: { type: "string", multiple: true },
    start: { type: "string" },
    end: { type: "string" },
    models: { type: "string" },
    set: { type: "string", multiple: true },
    name: { type: "string" },
    threads: { type: "string" },
    "no-audit": { type: "boolean" },
    report: { type: "boolean" },
    json: { type: "boolean" },
    force: { type: "boolean" },
  }, USAGE);
  const loaded = await loadPlan([...positionals, ...(flags.config ?? [])], {
    sets: flags.set ?? [],
    ...(flags.start === undefined ? {} : { start: flags.start }),
    ...(flags.end === undefined ? {} : { end: flags.end }),
    models: commaList("--models", flags.models) ?? [],
  });
  const progress = progressLine("Backtest");
  const run = await backtest(loaded, {
    force: flags.force ?? false,
    threads: threadsOf(flags.threads),
    audit: !flags["no-audit"],
    ...(flags.name === undefined ? {} : { name: nameOf(flags.name) }),
    signal: abortOnInterrupt(),
    onProgress: progress.show,
    onWait: () => console.error("Another process is computing this run; waiting for it"),
  }).finally(progress.end);
  if (run.unproved !== undefined) {
    console.error(`The certificate could not be made: ${run.unproved}`);
  }
  const page = flags.report ? (await report([run.id])).file : undefined;
  if (flags.json) return json({ ...documentOf(run), ...(page && { report: page }) });
  const summary = runSummary({
    title: titleOf(loaded),
    card: run.card,
    folder: shownPath(run.folder),
    origin: originOf(run),
    proofs: run.proofs,
    quality: run.quality,
    deflated: run.deflated,
  });
  return page === undefined ? summary : `${summary}\nReport in ${shownPath(page)}`;
});

function threadsOf(text: string | undefined): number {
  if (text === undefined) return 1;
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new Refusal(`--threads: found "${text}", expected a whole number from 1 to 99`, {
    exitCode: 2,
  });
}

function nameOf(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9_. -]{0,63}$/.test(text)) return text;
  throw new Refusal(
    `--name: found ${
      JSON.stringify(text)
    }, expected 1 to 64 letters, digits, blanks, "_", "." or "-"`,
    { exitCode: 2 },
  );
}

function titleOf({ config }: LoadedPlan): string {
  const { start, end, timeframe } = config.system;
  const name = config.experiment ? `${config.experiment.name}: ` : "";
  return `${name}Backtest on ${timeframe} bars, ${start} to ${end}`;
}

function originOf({ origin, durationMs }: Run): string {
  const seconds = `${(durationMs / 1_000).toFixed(2)} s`;
  switch (origin) {
    case "computed":
      return `computed in ${seconds}`;
    case "found":
      return "found finished; --force computes it again";
    case "confirmed":
      return `computed again in ${seconds}, every byte as before`;
  }
}

/** What `--json` prints: the card of the run, what it can show for itself, and how this request came by it. */
function documentOf({ card, proofs, quality, deflated, folder, origin, durationMs }: Run) {
  return {
    ...card,
    proofs,
    ...(quality && { quality }),
    deflated: deflated ?? null,
    origin,
    folder,
    duration_ms: Math.round(durationMs),
  };
}
