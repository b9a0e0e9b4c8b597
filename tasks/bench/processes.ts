import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../lib/core/clock.ts";
import { Refusal } from "../../lib/core/errors.ts";
import { type Stage, STAGES } from "./lines.ts";
import type { Measured } from "./table.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const READING = ["--no-prompt", "--cached-only", "--frozen", "--allow-read"];
const YAML_ENV = "--allow-env=LOG_TOKENS,LOG_STREAM";
const PATIENCE_MS = 120_000;

/** The durations of one line, measured in a process of its own. */
export async function lineInProcess(line: string, { quick }: { quick: boolean }) {
  const script = join(ROOT, "tasks/bench/child.ts");
  const args = [...READING, YAML_ENV, script, line, ...(quick ? ["--quick"] : [])];
  const { output } = await denoRun(args, ROOT);
  return JSON.parse(output) as number[];
}

/** How long a cold process takes to read the bundled bars, start of the runtime included. */
export function filesRead(runs: number): Promise<number[]> {
  const script = join(ROOT, "tasks/bench/read_files.ts");
  return warm(runs, async () => (await denoRun([...READING, script], ROOT)).durationMs);
}

/** The base backtest as a process of its own, its parts, and the most memory it held. */
export function backtestProcess(runs: number): Promise<Measured> {
  return inCopy(async (copy) => {
    const [command = [], script = ""] = await commandOf("backtest");
    const args = [...command, script, "--force"];
    // Only a run that is not there yet is written; the database stays, as it would between a user's runs.
    const forget = () => rm(join(copy, "results/runs"), { recursive: true, force: true });
    const timed = (more: readonly string[]) =>
      warm(runs, async () => {
        await forget();
        return (await denoRun([...args, ...more], copy)).durationMs;
      });
    const process = await timed(["--no-audit"]);
    const process_audit = await timed([]);
    const [id = ""] = await Array.fromAsync(
      Deno.readDir(join(copy, "results/runs")),
      (f) => f.name,
    );
    const verify = [...command, "tasks/verify.ts", id];
    const process_verify = await warm(runs, async () => (await denoRun(verify, copy)).durationMs);
    const report = [...command, "tasks/report.ts", id];
    const process_report = await warm(runs, async () => (await denoRun(report, copy)).durationMs);
    const drawn = await warm(runs, async () => {
      const draw = [...command, "tasks/bench/draw.ts", id, String(systemClock.now())];
      return JSON.parse((await denoRun(draw, copy)).output) as { first: number; all: number };
    });
    const peaks: number[] = [];
    for (let run = 0; run < Math.min(runs, 3); run++) {
      await forget();
      const { peakMb } = await denoRun(args, copy, { watchMemory: true });
      if (peakMb !== undefined) peaks.push(peakMb);
    }
    return {
      process,
      process_audit,
      process_verify,
      process_report,
      process_first_chart: drawn.map(({ first }) => first),
      process_charts: drawn.map(({ all }) => all),
      process_memory: peaks,
    };
  });
}

const PAIRS = "configs/experiments/oracle_w3_100.yaml";
const MANY_PAIRS = "configs/experiments/oracle_w3_10k.yaml";
const PORTFOLIO = "configs/experiments/base_portfolio_grid.yaml";

/** Searches as processes of their own; each finds no record of an earlier one, and stores no runs. */
export function sweeps(runs: number): Promise<Measured> {
  return inCopy(async (copy) => {
    const [command = [], script = ""] = await commandOf("optimize");
    const search = async (file: string, luck: boolean, watchMemory = false) => {
      await rm(join(copy, "results"), { recursive: true, force: true });
      await mkdir(join(copy, "results"));
      const sets = [`statistics=${luck}`, "save_top_n=0"]
        .flatMap((set) => ["--set", `experiment.optimization.${set}`]);
      const args = [...command, script, "run", file, "--json", ...sets];
      const { output, durationMs, peakMb } = await denoRun(args, copy, { watchMemory });
      const { trials_ms } = JSON.parse(output) as { trials_ms: number };
      return { durationMs, trialsMs: trials_ms, peakMb };
    };
    const pairs = await warm(runs, () => search(PAIRS, false));
    const many = await warm(runs, () => search(MANY_PAIRS, false));
    const luck = await search(MANY_PAIRS, true);
    const portfolio = await warm(Math.min(runs, 5), () => search(PORTFOLIO, true));
    const peakOf = async (file: string) => {
      const { peakMb } = await search(file, false, true);
      return peakMb === undefined ? [] : [peakMb];
    };
    return {
      sweep_100_process: pairs.map(({ durationMs }) => durationMs),
      sweep_10k_trials: many.map(({ trialsMs }) => trialsMs),
      sweep_10k_process: many.map(({ durationMs }) => durationMs),
      sweep_10k_luck: [luck.durationMs],
      sweep_base_trials: portfolio.map(({ trialsMs }) => trialsMs),
      sweep_base_process: portfolio.map(({ durationMs }) => durationMs),
      sweep_100_memory: await peakOf(PAIRS),
      sweep_10k_memory: await peakOf(MANY_PAIRS),
    };
  });
}

/** The stages of the base backtest. */
export function backtestStages(runs: number): Promise<Measured> {
  return inCopy(async (copy) => {
    const [command = []] = await commandOf("backtest");
    const measured = STAGES.map(({ id }) => [`stage_${id}`, [] as number[]] as const);
    const all = await warm(runs, async () => {
      await rm(join(copy, "results/runs"), { recursive: true, force: true });
      return await stagesOnce(command, copy);
    });
    for (const taken of all) {
      STAGES.forEach(({ id }, place) => measured[place]![1].push(taken[id]));
    }
    return Object.fromEntries(measured);
  });
}

async function stagesOnce(command: readonly string[], copy: string) {
  const begun = systemClock.now();
  const args = [...command, "tasks/bench/stages.ts", "results", String(begun)];
  const { output } = await denoRun(args, copy);
  const { taken, endedAt } = JSON.parse(output) as {
    taken: Record<Stage, number>;
    endedAt: number;
  };
  return { ...taken, exit: systemClock.now() - endedAt };
}

/** How a task starts: the runtime's arguments up to the script, and the script. */
export async function commandOf(name: string): Promise<[args: string[], script: string]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const task: string | { command: string } | undefined = tasks?.[name];
  const command = typeof task === "string" ? task : task?.command ?? "";
  const words = command.replace("$ASSAY_REDIS_NET", "").split(/\s+/);
  const script = words.pop();
  if (
    words.shift() !== "deno" || script === undefined || words.some((word) => /["'$]/.test(word))
  ) {
    throw new Refusal(
      `deno.json: tasks.${name} is not the plain \`deno run …\` that bench can repeat`,
    );
  }
  return [words, script];
}

/** A copy of the project under results/, so that what is stored there is no run of the user's. */
export async function inCopy<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  // Always the same folder: what the runtime compiles is kept by path.
  const folder = join(ROOT, "results/.bench");
  await rm(folder, { recursive: true, force: true });
  try {
    await mkdir(join(folder, "results"), { recursive: true });
    await mkdir(join(folder, "logs"));
    for (const name of ["lib", "tasks", "configs", "data", "deno.json", "deno.lock"]) {
      await cp(join(ROOT, name), join(folder, name), { recursive: true });
    }
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Two runs that are not counted, then `runs` that are. */
async function warm<Result>(runs: number, once: () => Promise<Result>): Promise<Result[]> {
  for (let run = 0; run < 2; run++) await once();
  const results: Result[] = [];
  for (let run = 0; run < runs; run++) results.push(await once());
  return results;
}

/** Runs the runtime once. Refuses with its first line of complaint when it fails. */
export async function denoRun(
  args: readonly string[],
  cwd: string,
  { watchMemory = false, env = {} }: {
    watchMemory?: boolean;
    env?: Readonly<Record<string, string>>;
  } = {},
): Promise<{ output: string; durationMs: number; peakMb: number | undefined }> {
  const options = {
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(PATIENCE_MS),
  } as const;
  const begun = systemClock.elapsed();
  const child = new Deno.Command(Deno.execPath(), { args: [...args], cwd, env, ...options })
    .spawn();
  const peak = watchMemory ? peakMemoryMb(child.pid) : undefined;
  const { success, signal, stdout, stderr } = await child.output();
  const durationMs = systemClock.elapsed() - begun;
  const text = new TextDecoder();
  if (!success) {
    const complaint = text.decode(stderr).trim().split("\n")[0];
    const reason = complaint || `it ended by ${signal ?? "itself"} without a word`;
    throw new Refusal(`Cannot measure \`${args.slice(-3).join(" ")}\`: ${reason}`);
  }
  return { output: text.decode(stdout), durationMs, peakMb: await peak };
}

/** Most memory a process held, in MB of 10⁶ bytes, as Linux counts it; undefined where that cannot be asked. */
async function peakMemoryMb(pid: number): Promise<number | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  // The runtime itself reads /proc only with all permissions. What is gone has no such line, which ends the loop.
  const watch = "while grep VmHWM /proc/$1/status 2>/dev/null; do sleep 0.01; done";
  const shell = new Deno.Command("sh", { args: ["-c", watch, "sh", String(pid)] });
  const lines = await shell.output()
    .then(({ stdout }) => new TextDecoder().decode(stdout), () => ""); // a machine without a shell
  const last = [...lines.matchAll(/(\d+) kB/g)].at(-1);
  return last && Number(last[1]) * 1024 / 1e6;
}
