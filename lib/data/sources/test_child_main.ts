import process from "node:process";
import { createInterface } from "node:readline";
import { fixedClock } from "../../core/clock.ts";
import { openSource } from "./sources.ts";
import { type ChildLine, type ChildOrder, lineOf } from "./test_child.ts";

// The process of test_child.ts: an order on each line of stdin, its pages on stdout. It ends with its stdin.
const say = (line: ChildLine) => process.stdout.write(`${JSON.stringify(line)}\n`);
console.log = console.error;
for await (const text of createInterface({ input: process.stdin })) {
  const { name, baseUrl, now, request } = JSON.parse(text) as ChildOrder;
  try {
    const sleep = () => Promise.resolve();
    const source = openSource(name, { keys: {}, clock: fixedClock(now), baseUrl, sleep });
    for await (const page of source.pages(request, {})) say(lineOf(page));
    say({ end: true });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    say({ name, message });
  }
}
