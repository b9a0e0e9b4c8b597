import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { type Group, GROUPS, LINES } from "./bench/lines.ts";
import { plainCross } from "./bench/plain_cross.ts";
import { durations, sampleOf } from "./bench/sample.ts";
import { crossRequest } from "./bench/synthetic.ts";
import { benchDocument, benchTable } from "./bench/table.ts";
import { engineResult, WORKLOADS } from "./bench/workloads.ts";

const groups = Object.keys(GROUPS) as Group[];

/** Three values for every line, all below 1000. */
const measured = Object.fromEntries(LINES.map(({ id }, i) => [id, [i + 103, i + 101, i + 102]]));

Deno.test("SC-001 bench shows every line with its median, ends, aim and peers under its heading", () => {
  const table = benchTable(groups, measured);
  const rows = table.split("\n");
  let at = 0;
  for (const [i, { group, label, unit, aim, peers = [] }] of LINES.entries()) {
    if (group !== LINES[i - 1]?.group) at = rows.indexOf(GROUPS[group], at);
    ok(at >= 0, group);
    at++;
    const row = rows[at]!;
    ok(row.startsWith(`  ${label}  `), `${label}: ${row}`);
    ok(row.includes(`  ${i + 102} ${unit}  ${i + 101} ${unit} … ${i + 103} ${unit}`), row);
    ok(aim === undefined || row.includes(`≤ ${aim} ${unit}`), row);
    for (const [place, { name }] of peers.entries()) {
      if (place > 0) at++;
      ok(rows[at]!.includes(name), name);
    }
  }
});

Deno.test("SC-001 bench shows only the groups asked for, and a dash where nothing was measured", () => {
  const rows = benchTable(["files", "process"], { process: [812] }).split("\n");
  deepStrictEqual(rows.slice(2).map((row) => row.split(/ {2,}/).slice(0, 4)), [
    [GROUPS.process],
    ["", "with --no-audit", "812 ms", "812 ms … 812 ms"],
    ["", "with its certificate", "–", "–"],
    ["", "deno task verify of it", "–", "–"],
    ["", "deno task report of it", "–", "–"],
    ["", "first chart, cold process", "–", "–"],
    ["", "thirteen charts after it", "–", "–"],
    ["", "peak memory", "–", "–"],
    [""],
    [GROUPS.files],
    ["", "H4 and daily of four assets", "–", "–"],
    ["", "pandas 420 ms"],
  ]);
});

Deno.test("SC-001 bench's JSON is one document in which every line has its figures or null", () => {
  const { process_memory: _, ...some } = measured;
  const lines = JSON.parse(JSON.stringify(benchDocument(groups, some)));
  deepStrictEqual(lines.map(({ id }: { id: string }) => id), LINES.map(({ id }) => id));
  const { median, min, max, runs, aim } = lines[0];
  deepStrictEqual({ median, min, max, runs, aim }, {
    median: 102,
    min: 101,
    max: 103,
    runs: 3,
    aim: 800,
  });
  const memory = lines.find(({ id }: { id: string }) => id === "process_memory");
  deepStrictEqual([memory.median, memory.runs], [null, 0]);
});

Deno.test("SC-001 every line of bench that no process measures has its work", () => {
  const bySpawning: readonly Group[] = ["process", "stages", "files", "sweep", "redis"];
  const inProcess = LINES.filter(({ group }) => !bySpawning.includes(group));
  deepStrictEqual(Object.keys(WORKLOADS).sort(), inProcess.map(({ id }) => id).sort());
});

Deno.test("SC-001 a sample's median is its middle value, or the mean of the two", () => {
  deepStrictEqual(sampleOf([3, 1, 2]), { median: 2, min: 1, max: 3, runs: 3 });
  strictEqual(sampleOf([4, 1, 3, 2]).median, 2.5);
  throws(() => sampleOf([]), RangeError);
});

Deno.test("SC-001 bench counts only the runs after the warm-up", () => {
  let calls = 0;
  const effort = { warmUps: 2, warmUpMs: 0, runs: 3, measureMs: 0 };
  strictEqual(durations(() => calls++, effort).length, 3);
  strictEqual(calls, 5);
});

Deno.test("SC-001 the bare loop does the work that the engine does", () => {
  const request = crossRequest({ bars: 3000, assets: 1 });
  const plain = plainCross(request.data[0]!.bars.h4!, {
    fast: 50,
    slow: 200,
    cash: 100_000,
    costBps: 5,
  });
  const { finalEquity, orders } = engineResult(request);
  ok(plain.orders > 10);
  strictEqual(plain.orders, orders);
  ok(Math.abs(plain.finalEquity / finalEquity - 1) < 1e-9);
});

Deno.test("SC-001 synthetic bars are the same for the same sizes, on a grid and near 100", () => {
  const request = () => crossRequest({ bars: 2000, assets: 2 });
  const { close, high, low } = request().data[1]!.bars.h4!;
  deepStrictEqual(request().data[1]!.bars.h4!.close, close);
  ok(close.every((price) => price > 20 && price < 500 && Number.isInteger(price * 64)));
  ok(close.every((price, row) => low[row]! <= price && price <= high[row]!));
});
