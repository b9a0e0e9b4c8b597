import {
  type Experiment,
  experimentComparison,
  experimentList,
  experimentPage,
  honestyPage,
  listExperiments,
  loadExperiment,
  type OpenExperiment,
  openExperiment,
  optimize,
  proveSearch,
  redisSweep,
  Refusal,
  report,
  RESULTS_ROOT,
  saveSearchProof,
  type SearchProgress,
} from "../lib/mod.ts";
import { environmentAddress, workersShown, workersText } from "./redis.ts";
import {
  abortOnInterrupt,
  json,
  parseFlags,
  progressLine,
  runTask,
  shownPath,
  statusLine,
} from "./shared.ts";

const USAGE =
  "deno task optimize run|list|show|compare|prove|workers [EXPERIMENT…] [--workers N] " +
  "[--set path=value]… [--start D] [--end D] [--executor local|redis] [--force] [--report] [--sweeps N] [--seed N] [--json]";

/** What each verb takes. */
const EXPECTED: Readonly<Record<string, string>> = {
  run: "run FILE…",
  list: "list without experiments",
  show: "show EXPERIMENT",
  compare: "compare EXPERIMENT EXPERIMENT…",
  prove: "prove without experiments",
  workers: "workers without experiments",
};

await runTask(async () => {
  const { values: flags, positionals } = parseFlags({
    workers: { type: "string" },
    sweeps: { type: "string" },
    seed: { type: "string" },
    set: { type: "string", multiple: true },
    start: { type: "string" },
    end: { type: "string" },
    executor: { type: "string" },
    // What a search always does: accepted, and nothing else.
    resume: { type: "boolean" },
    force: { type: "boolean" },
    report: { type: "boolean" },
    json: { type: "boolean" },
  }, USAGE);
  const [verb = "", ...names] = positionals;
  const asJson = flags.json ?? false;
  if (verb === "run" && names.length > 0) return await run(names, flags);
  if (verb === "list" && names.length === 0) return await list(asJson);
  if (verb === "show" && names.length === 1) return await show(names[0]!, asJson);
  if (verb === "compare" && names.length > 1) return await compare(names, asJson);
  if (verb === "prove" && names.length === 0) return await prove(flags);
  if (verb === "workers" && names.length === 0) return await workersShown(asJson);
  const found = positionals.length === 0 ? "nothing" : `"${positionals.join(" ")}"`;
  const expected = EXPECTED[verb] ?? Object.keys(EXPECTED).join(", ");
  throw new Refusal(`found ${found}, expected ${expected}; usage: ${USAGE}`, { exitCode: 2 });
});

interface RunFlags {
  readonly workers?: string | undefined;
  readonly set?: readonly string[] | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly executor?: string | undefined;
  readonly force?: boolean | undefined;
  readonly report?: boolean | undefined;
  readonly json?: boolean | undefined;
}

async function run(files: readonly string[], flags: RunFlags): Promise<string> {
  const isQueued = isRedis(flags.executor);
  const workers = workersOf(flags.workers);
  const experiment = await loadExperiment(files, {
    sets: flags.set ?? [],
    ...(flags.start === undefined ? {} : { start: flags.start }),
    ...(flags.end === undefined ? {} : { end: flags.end }),
  });
  const status = statusLine();
  let crew = "";
  const told = progressReport((text) => status.show(`${text}${crew}`));
  const signal = abortOnInterrupt();
  const queue = isQueued
    ? redisSweep({
      address: environmentAddress(),
      signal,
      onNote: (text) => {
        status.end();
        console.error(text);
      },
      onWorkers: (all) => crew = workersText(all),
    })
    : undefined;
  const made = await optimize(experiment, {
    ...(workers === undefined ? {} : { workers }),
    ...(queue ? { executor: queue.executor } : {}),
    force: flags.force ?? false,
    signal,
    onProgress: told.progress,
    onStage: (stage) => status.show(`Optimize: ${stage}`),
    onWait: () => console.error("Another process is running this experiment; waiting for it"),
  }).catch((error) => {
    status.end();
    const kept = told.kept();
    if (kept !== undefined && error instanceof Refusal && error.message.startsWith("Interrupted")) {
      throw new Refusal(`Interrupted: ${kept}; the same command goes on from there`, {
        exitCode: error.exitCode,
      });
    }
    throw error;
  }).finally(async () => {
    status.end();
    await queue?.closed();
  });
  const page = flags.report ? (await report([made.id])).file : undefined;
  if (flags.json) {
    return json({ ...documentOf(made), ...requestOf(made), ...(page && { report: page }) });
  }
  const { card, trials, deflated } = made;
  return `${experimentPage(card, trials, deflated)}\n\n${footer(made, page)}`;
}

function footer(
  { id, folder, winnerFile, replacedWinner, origin, durationMs, trialsMs, card }: Experiment,
  page: string | undefined,
): string {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(2)} s`;
  const how = {
    computed: `computed in ${seconds(durationMs)}, the trials in ${seconds(trialsMs)}`,
    resumed: `went on from an earlier process, computed in ${seconds(durationMs)}`,
    found: "found finished; --force appraises it again",
  }[origin];
  return [
    `${card.trials.count} trials ${how}`,
    `Ranking in ${shownPath(`${folder}/summary.csv`)}`,
    ...(winnerFile === undefined ? [] : [`Winner in ${shownPath(winnerFile)}`]),
    ...(replacedWinner === undefined
      ? []
      : [`It replaces the winner of experiment ${replacedWinner}, which had the same name`]),
    page === undefined ? `Charts: deno task report ${id}` : `Report in ${shownPath(page)}`,
  ].join("\n");
}

/** Whole searches on markets without an edge: ends with code 3 when too many winners pass the gate. */
async function prove(
  { workers, sweeps, seed, json: asJson }: {
    readonly workers?: string | undefined;
    readonly sweeps?: string | undefined;
    readonly seed?: string | undefined;
    readonly json?: boolean | undefined;
  },
): Promise<string> {
  const count = workersOf(workers);
  const size = wholeOf("--sweeps", sweeps);
  const start = wholeOf("--seed", seed);
  const progress = progressLine("Prove");
  const proof = await proveSearch({
    ...(count === undefined ? {} : { workers: count }),
    ...(start === undefined ? {} : { seed: start }),
    // A smaller proof is smaller in every part.
    ...(size === undefined ? {} : {
      sweeps: size,
      sweepsPerHistory: Math.ceil(size / 2),
      sweepsPerStrength: Math.ceil(size / 2),
    }),
    onProgress: progress.show,
    signal: abortOnInterrupt(),
  }).finally(progress.end);
  const files = await saveSearchProof(proof, `${RESULTS_ROOT}/proofs/search`);
  const text = asJson
    ? json(proof)
    : `${honestyPage(proof)}\n\n${files.map((file) => `Written: ${shownPath(file)}`).join("\n")}`;
  if (proof.held) return text;
  console.log(text);
  Deno.exit(3);
}

function wholeOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,5}$/.test(text)) {
    return text === undefined ? text : Number(text);
  }
  throw new Refusal(`${flag}: found "${text}", expected a whole number from 1 to 999999`, {
    exitCode: 2,
  });
}

async function list(asJson: boolean): Promise<string> {
  const { experiments, warnings } = await listExperiments();
  for (const warning of warnings) console.error(`warning: ${warning}`);
  if (asJson) return json(experiments.map(({ card, deflated }) => ({ ...card, deflated })));
  return experiments.length === 0 ? "No experiments are finished" : experimentList(experiments);
}

async function show(name: string, asJson: boolean): Promise<string> {
  const opened = await openExperiment(name);
  if (asJson) return json(documentOf(opened));
  const { card, trials, deflated, folder, namesakes = [] } = opened;
  return [
    experimentPage(card, trials, deflated),
    "",
    `Ranking in ${shownPath(`${folder}/summary.csv`)}`,
    ...namesakes.map(({ experiment_id, name, start, end, trials: { count } }) =>
      `An older ${name}: deno task optimize show ${experiment_id} (${start} to ${end}, ${count} trials)`
    ),
  ].join("\n");
}

async function compare(names: readonly string[], asJson: boolean): Promise<string> {
  const opened = await Promise.all(names.map((name) => openExperiment(name)));
  return asJson ? json(opened.map(documentOf)) : experimentComparison(opened);
}

/** The card with what the ledger makes of it, and the ten best trials. */
function documentOf({ card, deflated, folder, trials }: OpenExperiment) {
  const best = trials.filter(({ rank }) => rank !== null && rank <= 10)
    .toSorted((a, b) => a.rank! - b.rank!);
  return { ...card, deflated: deflated ?? null, best, folder };
}

function requestOf({ origin, durationMs, trialsMs, winnerFile, replacedWinner }: Experiment) {
  return {
    origin,
    duration_ms: Math.round(durationMs),
    trials_ms: Math.round(trialsMs),
    winner_file: winnerFile ?? null,
    replaced_winner: replacedWinner ?? null,
  };
}

/** Progress in words: trials done, how many a second, how long it will take, the best so far. */
function progressReport(show: (text: string) => void) {
  const begun = performance.now();
  let first: number | undefined;
  let last: SearchProgress | undefined;
  return {
    kept: () => last && `${last.done} of ${last.count} trials are finished and kept`,
    progress(progress: SearchProgress) {
      last = progress;
      first ??= progress.done;
      const { done, count, failed, best } = progress;
      const rate = (done - first) / ((performance.now() - begun) / 1_000);
      const left = rate > 0 ? `, ${Math.ceil((count - done) / rate)} s left` : "";
      show(
        `Optimize: ${done} of ${count} trials, ${rate.toFixed(0)} a second${left}` +
          (best === undefined ? "" : `, best ${best.toFixed(4)}`) +
          (failed === 0 ? "" : `, ${failed} failed`),
      );
    },
  };
}

function workersOf(text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d?$/.test(text)) {
    return text === undefined ? text : Number(text);
  }
  throw new Refusal(`--workers: found "${text}", expected a whole number from 1 to 99`, {
    exitCode: 2,
  });
}

function isRedis(text: string | undefined): boolean {
  if (text === undefined || text === "local" || text === "redis") return text === "redis";
  throw new Refusal(`--executor: found "${text}", expected local or redis`, { exitCode: 2 });
}
