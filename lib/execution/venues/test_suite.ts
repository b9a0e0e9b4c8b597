import { fileURLToPath } from "node:url";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** How a suite is run where the brokers' libraries are. */
export interface SuiteOptions {
  /** Seen from this folder; the libraries' own when left out. */
  readonly lock?: string;
  readonly write?: string;
}

/** Runs tests (a file seen from this folder) in a process of their own, with what a trading task may do, and no more. */
export async function runSuite(
  file: string,
  { lock = "./deno.lock", write = "results" }: SuiteOptions = {},
): Promise<{ readonly code: number; readonly out: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "--no-check", "--no-prompt", `--config=${path("../../../deno.json")}`],
      ...[`--lock=${path(lock)}`, "--frozen", "--allow-read", `--allow-write=${write}`],
      ...["--allow-net=127.0.0.1", "--allow-env=WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE"],
      path(file),
    ],
    cwd: path("../../../"),
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout) + text.decode(stderr) };
}
