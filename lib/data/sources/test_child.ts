/**
 * Binance and Kraken for tests: the library that asks them is in no lock file but the one beside this file, so they are
 * opened in a process of their own, which runs on it.
 *
 *     await using child = openTestChild(server);
 *     const source = child.source("binance");     // pages() and check() as openSource() has them
 *
 * The child has the server's base URL and clock, and waits for nothing. Needs `--allow-run` of deno.
 */
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { PRICE_COLUMNS } from "../../core/bars.ts";
import { Refusal } from "../../core/errors.ts";
import type { BarPage, BarRequest, SourceBars } from "../../core/ports.ts";
import type { BarDownload } from "./source.ts";
import { openSource } from "./sources.ts";
import type { TestServer } from "./test_server.ts";

/** What the child is told, one line of JSON each. */
export interface ChildOrder {
  readonly name: "binance" | "kraken";
  readonly baseUrl: string;
  readonly now: number;
  readonly request: BarRequest;
}

/** What it answers: pages, then an end, or a refusal. */
export type ChildLine =
  | { readonly page: { readonly doneUntil: number; readonly bars: Record<string, unknown> } }
  | { readonly end: true }
  | { readonly name: string; readonly message: string };

const COLUMNS = ["openTime", ...PRICE_COLUMNS] as const;

/** A page as a line. */
export function lineOf({ doneUntil, bars }: BarPage): ChildLine {
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, [...bars[name]]]));
  return { page: { doneUntil, bars: { ...columns, stepMs: bars.stepMs } } };
}

/** Starts the process, which serves both exchanges one request after the other; `lock` is relative to this file. */
export function openTestChild(server: TestServer, { lock = "./deno.lock" } = {}) {
  const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--config=${path("../../../deno.json")}`,
      `--lock=${path(lock)}`,
      "--frozen",
      "--no-check",
      "--allow-read",
      "--allow-net=127.0.0.1",
      "--allow-env=WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE",
      path("./test_child_main.ts"),
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: lock === "./deno.lock" ? "inherit" : "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const lines = createInterface({ input: Readable.fromWeb(child.stdout as never) })[
    Symbol.asyncIterator
  ]();

  async function* pages(name: "binance" | "kraken", request: BarRequest): AsyncGenerator<BarPage> {
    const order: ChildOrder = { name, baseUrl: server.url, now: server.now, request };
    await writer.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`));
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error("the child ended");
      const line = JSON.parse(value) as ChildLine;
      if ("end" in line) return;
      if ("message" in line) {
        throw line.name === "Refusal" ? new Refusal(line.message) : new Error(line.message);
      }
      const { doneUntil, bars } = line.page;
      const columns = COLUMNS.map((
        column,
      ) => [column, Float64Array.from(bars[column] as number[])]);
      yield {
        doneUntil,
        bars: { ...Object.fromEntries(columns), stepMs: bars.stepMs } as unknown as SourceBars,
      };
    }
  }

  return {
    source: (name: "binance" | "kraken"): BarDownload => ({
      ...openSource(name, server.options()),
      pages: (request) => pages(name, request),
    }),
    async [Symbol.asyncDispose]() {
      await writer.close();
      await child.status;
      await lines.return?.();
    },
  };
}
