import process from "node:process";
import { createInterface } from "node:readline";
import { encodeFrame, type Question } from "./frames.ts";
import { openSession } from "./session.ts";

// The process of SQL: questions on stdin, a frame for each on stdout. It ends with its stdin.
console.log = console.error; // a word of the engine between two frames would break them
const root = process.argv[2]!;
const session = await openSession(root);
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(await frameFor(JSON.parse(line)));
}

async function frameFor({ text, values }: Question): Promise<Uint8Array> {
  try {
    const { stream, warnings } = await session.ask(text, values);
    return encodeFrame({ warnings }, stream);
  } catch (error) {
    const refusal = error instanceof Error ? error.message : String(error);
    return encodeFrame({ warnings: [], refusal }, new Uint8Array(0));
  }
}
