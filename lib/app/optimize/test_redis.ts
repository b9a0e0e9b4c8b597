import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** What a child is asked to be. */
export type ChildAsked =
  | {
    readonly role: "optimize";
    readonly file: string;
    readonly sets: readonly string[];
    readonly resultsRoot: string;
    readonly lockMs: number;
    readonly patienceMs: number;
    /** Runs the trials here instead. */
    readonly isLocal?: boolean;
  }
  | {
    readonly role: "worker";
    readonly workers?: number;
    readonly dataRoot?: string;
    readonly name?: string;
    readonly code?: string;
  };

/** What has become of a child. */
export interface ChildOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A child that runs. */
export interface Child {
  /** What it has written to stderr so far. */
  said(): string;
  /** Resolves once it has written such a thing. */
  says(pattern: RegExp): Promise<void>;
  kill(signal: Deno.Signal): void;
  readonly outcome: Promise<ChildOutcome>;
}

/** Whether this machine has a Redis to test with. */
export const hasRedis: boolean = await new Deno.Command("redis-server", {
  args: ["--version"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);

/** A Redis of a test's own. */
export interface TestRedis {
  readonly port: number;
  /** Variables by which children find it. */
  readonly variables: Readonly<Record<string, string>>;
  /** Ends it as a broken machine would. */
  kill(): Promise<void>;
  /** Begins it again on what it has written down. */
  start(): Promise<void>;
  /** One command, by the server's own tool; what it printed. */
  ask(...command: readonly string[]): Promise<string>;
}

/** Lends a test a Redis that writes down everything it is told. */
export async function inRedis(
  folder: string,
  action: (redis: TestRedis) => Promise<void>,
  { settings = [], variables = {} }: {
    readonly settings?: readonly string[];
    readonly variables?: Readonly<Record<string, string>>;
  } = {},
): Promise<void> {
  const dir = `${folder}redis`;
  await mkdir(dir, { recursive: true });
  const port = freePort();
  let server: Deno.ChildProcess | undefined;
  const ask = async (...command: readonly string[]) => {
    const password = variables["ASSAY_REDIS_PASSWORD"];
    const { stdout } = await new Deno.Command("redis-cli", {
      args: ["-p", `${port}`, ...command],
      env: password === undefined ? {} : { REDISCLI_AUTH: password },
      stdout: "piped",
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout).trim();
  };
  const start = async () => {
    server = new Deno.Command("redis-server", {
      args: [
        ...["--port", `${port}`, "--bind", "127.0.0.1", "--dir", dir, "--save", ""],
        ...["--appendonly", "yes", "--appendfsync", "everysec", "--daemonize", "no"],
        ...settings,
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    while (await ask("PING") !== "PONG") await after(30);
  };
  const kill = async () => {
    server?.kill("SIGKILL");
    await server?.status;
    server = undefined;
  };
  await start();
  const given = { ASSAY_REDIS_HOST: "127.0.0.1", ASSAY_REDIS_PORT: `${port}`, ...variables };
  try {
    await action({ port, variables: given, kill, start, ask });
  } finally {
    await kill();
  }
}

/** No child of a test lives longer. */
const LATEST_MS = 150_000;

/** Starts a child that may do what the task of its kind may do. */
export function startChild(
  asked: ChildAsked,
  { variables = {}, flags = [] }: {
    readonly variables?: Readonly<Record<string, string>>;
    readonly flags?: readonly string[];
  } = {},
): Child {
  const main = fileURLToPath(new URL("./test_redis_child.ts", import.meta.url));
  const lock = fileURLToPath(new URL("../../engine/sweep/deno.lock", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "--no-prompt", "--unstable-npm-lazy-caching", `--lock=${lock}`],
      ...["--frozen", "--allow-read", "--allow-write", "--allow-net=127.0.0.1", "--allow-env"],
      ...flags,
      main,
      JSON.stringify(asked),
    ],
    env: { NO_COLOR: "1", ...variables },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let said = "";
  let onSaid = () => {};
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += text;
      onSaid();
    }
    onSaid();
  })();
  const written = new Response(child.stdout).text();
  const late = setTimeout(() => child.kill("SIGKILL"), LATEST_MS);
  child.status.then(() => clearTimeout(late));
  const outcome = (async () => {
    const [{ code }, stdout] = await Promise.all([child.status, written, reading]);
    return { code, stdout, stderr: said };
  })();
  return {
    said: () => said,
    outcome,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(said) && resolve();
        onSaid = look;
        look();
        outcome.then(() =>
          pattern.test(said) ? resolve() : reject(new Error(`${pattern} is not in: ${said}`))
        );
      }),
    kill(signal) {
      try {
        child.kill(signal);
      } catch {
        // It has ended by itself.
      }
    },
  };
}

/** Resolves after some milliseconds. */
export function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A port that nobody listens on. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}
