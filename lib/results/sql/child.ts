import { fileURLToPath } from "node:url";
import { Refusal } from "../../core/errors.ts";
import { exactReader, readFrame } from "./frames.ts";
import type { Answer, SqlSession } from "./session.ts";

/**
 * Opens SQL in a process of its own, which may read files and write nothing but the results folder. It alone runs on the
 * lock file that names the engine, so it can be asked from anywhere; the first one ever fetches the engine, 138 MB.
 */
export function openChildSession(root: string): SqlSession {
  if (!("Deno" in globalThis)) {
    throw new Refusal("SQL over results needs Deno: its engine runs in a Deno process of its own");
  }
  const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      `--config=${path("../../../deno.json")}`,
      `--lock=${path("./deno.lock")}`,
      "--frozen",
      "--allow-read",
      `--allow-write=${root}`,
      "--allow-sys=cpus",
      path("./serve.ts"),
      root,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  child.unref(); // between questions: whoever forgot to close it can still come to an end
  const writer = child.stdin.getWriter();
  const read = exactReader(child.stdout.getReader());
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();

  async function ask(text: string, values: Parameters<SqlSession["ask"]>[1]): Promise<Answer> {
    if (closed) throw new Refusal("SQL was closed");
    const line = `${JSON.stringify({ text, values })}\n`;
    child.ref();
    try {
      await writer.write(new TextEncoder().encode(line)).catch(() => {}); // reading tells why
      const answer = await readFrame(read);
      if (answer) return answer;
    } finally {
      child.unref();
    }
    closed = true;
    throw new Refusal(`SQL ended: ${await lastWords(child)}`);
  }

  return {
    ask(text, values) {
      const answer = last.then(() => ask(text, values));
      last = answer.catch(() => {});
      return answer;
    },
    close() {
      if (closed) return;
      closed = true;
      // Ended by its stdin, the process stops after what it is doing.
      last.then(() => writer.close()).catch(() => {});
      child.stderr.cancel().catch(() => {});
    },
  };
}

/** What a process that failed wrote last, without colours and stack. */
async function lastWords(child: Deno.ChildProcess): Promise<string> {
  const bytes = await new Response(child.stderr).text();
  // deno-lint-ignore no-control-regex -- colours begin with one
  const lines = bytes.replace(/\x1b\[[0-9;]*m/g, "").split("\n");
  const words = lines.find((line) => line.startsWith("error: ")) ?? lines.findLast(Boolean) ?? "";
  return words.replace(/^error: /, "") || "its process was stopped";
}
