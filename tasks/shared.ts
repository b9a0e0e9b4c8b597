import { relative } from "node:path";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { Refusal } from "../lib/mod.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Flags and positional words of a task; a flag nobody knows, or without its value, is wrong usage (exit 2). */
export function parseFlags<const Flags extends Options>(
  options: Flags,
  usage: string,
  args: string[] = Deno.args,
) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = (error as Error).message.split("\n")[0]!.split(/\.(?: |$)/)[0]!;
    throw new Refusal(`${message}; usage: ${usage}`, { exitCode: 2 });
  }
}

/** A list given to one flag, separated by commas; undefined when the flag was not given, refused when it is empty. */
export function commaList(flag: string, text: string | undefined): string[] | undefined {
  const items = text?.split(",").map((item) => item.trim()).filter((item) => item !== "");
  if (items?.length !== 0) return items;
  throw new Refusal(`${flag}: found "${text}", expected names separated by commas`, {
    exitCode: 2,
  });
}

/** A path as a person reads it: from the current directory where that holds it, else in full. */
export function shownPath(path: string): string {
  const inside = relative(Deno.cwd(), path);
  return inside === "" || /^\.\.([/\\]|$)|^[A-Za-z]:/.test(inside) ? path : inside;
}

/**
 * Runs a task: prints what it returns, a refusal as one line `error: …` on stderr, and exits with its code. Stack traces
 * show only with ASSAY_DEBUG=1.
 */
export async function runTask(task: () => Promise<string | undefined>): Promise<never> {
  // Some failures inside the runtime reach nobody who waits; they end the task like any other.
  globalThis.addEventListener("unhandledrejection", ({ reason }) => fail(reason));
  try {
    const text = await task();
    if (text !== undefined) await print(text);
  } catch (error) {
    fail(error);
  }
  Deno.exit(0);
}

function fail(error: unknown): never {
  const debug = Deno.env.get("ASSAY_DEBUG") === "1";
  const message = error instanceof Error ? error.message : String(error);
  console.error(`error: ${debug ? message : message.split("\n")[0]}`);
  if (debug && error instanceof Error) console.error(error.stack, error.cause ?? "");
  Deno.exit(error instanceof Refusal ? error.exitCode : 1);
}

/** Writes all of a text to stdout, however slowly it is read; a reader that has left is no error. */
async function print(text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text.endsWith("\n") ? text : `${text}\n`);
  try {
    for (let done = 0; done < bytes.length;) done += await Deno.stdout.write(bytes.subarray(done));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** One JSON document for `--json`. */
export function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** Shows what long work is at, in one line on stderr that the next one replaces; only on a terminal. */
export function statusLine(): { show(text: string): void; end(): void } {
  const terminal = Deno.stderr.isTerminal();
  const write = (text: string) => Deno.stderr.writeSync(new TextEncoder().encode(text));
  let shown = false;
  return {
    show(text) {
      if (!terminal) return;
      shown = true;
      write(`\r\x1b[2K${text}`);
    },
    end() {
      if (shown) write("\r\x1b[2K");
      shown = false;
    },
  };
}

/** Shows how far long work is, in one line on stderr; only on a terminal. */
export function progressLine(
  label: string,
): { show(done: number, count: number): void; end(): void } {
  const { show, end } = statusLine();
  return {
    show(done, count) {
      if (count > 0) show(`${label} ${Math.floor(100 * Math.max(0, done) / count)}%`);
    },
    end,
  };
}

/** A signal that aborts on the first Ctrl-C, so that work can put its things away; a second one ends at once. */
export function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  const interrupt = () => {
    if (controller.signal.aborted) Deno.exit(130);
    controller.abort();
  };
  Deno.addSignalListener("SIGINT", interrupt);
  // What ends a process politely when nobody sits at its terminal; Windows does not have it.
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", interrupt);
  return controller.signal;
}
