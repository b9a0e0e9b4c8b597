import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { commandOf, denoRun, inCopy } from "./processes.ts";
import type { Measured } from "./table.ts";

const MANY_PAIRS = "configs/experiments/oracle_w3_10k.yaml";
const PORTFOLIO = "configs/experiments/base_portfolio_grid.yaml";

/** Searches over a Redis of their own; nothing, and a word on why, where there is no Redis. */
export async function overRedis(runs: number): Promise<Measured> {
  if (!await isThere("redis-server") || !await isThere("redis-cli")) {
    console.error("Searches over Redis are left out: found no redis-server here");
    return {};
  }
  return await inCopy(async (copy) => {
    const redis = await startRedis(copy);
    try {
      return await measure(runs, copy, redis);
    } finally {
      redis.server.kill("SIGKILL");
      await redis.server.status;
    }
  });
}

interface Redis {
  readonly server: Deno.ChildProcess;
  readonly env: Readonly<Record<string, string>>;
  ask(...command: readonly string[]): Promise<string>;
}

async function measure(runs: number, copy: string, redis: Redis): Promise<Measured> {
  const [command, script] = await commandOf("optimize");
  const search = async (file: string, flags: readonly string[]) => {
    await rm(join(copy, "results"), { recursive: true, force: true });
    await mkdir(join(copy, "results"));
    const sets = ["statistics=false", "save_top_n=0"]
      .flatMap((set) => ["--set", `experiment.optimization.${set}`]);
    const args = [...command, script, "run", file, "--json", ...sets, ...flags];
    const { output } = await denoRun(args, copy, { env: redis.env });
    return (JSON.parse(output) as { trials_ms: number }).trials_ms;
  };
  const queued = (file: string) => search(file, ["--executor", "redis"]);
  const measured: Record<string, number[]> = {
    redis_local: await times(runs, () => search(MANY_PAIRS, ["--workers", "2"])),
  };
  for (const count of [1, 2, 4]) {
    const crew = await startWorkers(count, copy, redis);
    try {
      measured[`redis_${count}`] = await times(runs, () => queued(MANY_PAIRS));
      if (count !== 2) continue;
      measured["redis_base"] = await times(runs, () => queued(PORTFOLIO));
      Object.assign(measured, await watched(() => queued(MANY_PAIRS), redis));
    } finally {
      for (const worker of crew) worker.kill("SIGTERM");
      await Promise.all(crew.map(({ status }) => status));
    }
  }
  return measured;
}

/** One run that is not counted, then `runs` that are. */
async function times(runs: number, once: () => Promise<number>): Promise<number[]> {
  await once();
  const taken: number[] = [];
  for (let run = 0; run < runs; run++) taken.push(await once());
  return taken;
}

/** Sizes as Redis holds them, looked at while a search runs; its commands a second and its peak. */
async function watched(search: () => Promise<number>, { ask }: Redis): Promise<Measured> {
  const largest = `local job, result = 0, 0
    for _, id in ipairs(redis.call('SMEMBERS', 'assay:experiments')) do
      for _, key in ipairs(redis.call('KEYS', 'assay:' .. id .. ':trials:*-*-*')) do
        if redis.call('TYPE', key).ok == 'hash' then
          job = math.max(job, redis.call('MEMORY', 'USAGE', key) or 0)
        end
      end
      for _, entry in ipairs(redis.call('XRANGE', 'assay:' .. id .. ':results', '-', '+')) do
        local size = 0
        for _, field in ipairs(entry[2]) do size = size + #field end
        result = math.max(result, size)
      end
    end
    return job .. ' ' .. result`;
  await ask("CONFIG", "RESETSTAT");
  let isOver = false;
  const running = search().finally(() => isOver = true);
  const sizes = [0, 0];
  while (!isOver) {
    const found = (await ask("EVAL", largest, "0")).split(" ").map(Number);
    found.forEach((size, i) => sizes[i] = Math.max(sizes[i]!, size || 0));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const ms = await running;
  const number = async (section: string, name: string) =>
    Number(new RegExp(`^${name}:(\\d+)`, "m").exec(await ask("INFO", section))?.[1] ?? 0);
  return {
    redis_job: [sizes[0]! / 1e3],
    redis_result: [sizes[1]! / 1e3],
    redis_commands: [await number("stats", "total_commands_processed") / (ms / 1e3)],
    redis_memory: [await number("memory", "used_memory_peak") / 1e6],
  };
}

async function startWorkers(count: number, copy: string, { env, ask }: Redis) {
  const [command, script] = await commandOf("worker");
  const crew = Array.from({ length: count }, () =>
    new Deno.Command(Deno.execPath(), {
      args: [...command, script, "--workers", "1"],
      cwd: copy,
      env,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn());
  const isReady = async () => Number(await ask("SCARD", "assay:workers")) >= count;
  while (!await isReady()) await new Promise((resolve) => setTimeout(resolve, 50));
  return crew;
}

async function startRedis(folder: string): Promise<Redis> {
  const dir = join(folder, "redis");
  await mkdir(dir);
  for (let port = 16_379;; port++) {
    const ask = async (...command: readonly string[]) => {
      const { stdout } = await new Deno.Command("redis-cli", {
        args: ["-p", `${port}`, ...command],
        stderr: "null",
      }).output();
      return new TextDecoder().decode(stdout).trim();
    };
    const server = new Deno.Command("redis-server", {
      args: ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", dir, "--save", ""],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const ended = server.status.then(() => true);
    const answers = async () => await ask("PING") === "PONG";
    while (!await answers() && !await Promise.race([ended, pause()]));
    // On a port that is taken somebody else answers, and ours has ended.
    if (await Promise.race([ended, pause()])) continue;
    const env = { ASSAY_REDIS_HOST: "127.0.0.1", ASSAY_REDIS_PORT: `${port}` };
    return { server, env, ask };
  }
}

/** A moment, and that nothing has ended in it. */
function pause(): Promise<boolean> {
  return new Promise((resolve) => setTimeout(() => resolve(false), 100));
}

async function isThere(program: string): Promise<boolean> {
  const asked = new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" });
  return await asked.output().then(({ success }) => success, () => false);
}
