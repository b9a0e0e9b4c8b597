import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { RunRecord } from "../core/run_record.ts";
import { deriveRun } from "./derive.ts";
import { runLogs } from "./logs.ts";
import { handMadeRecord, randomRecord } from "./record_fixture.ts";
import { runTables } from "./tables.ts";
import { runWarnings } from "./warnings.ts";

function logsOf(record: RunRecord) {
  const derived = deriveRun(record);
  return runLogs(record, {
    derived,
    tables: runTables(record, derived),
    warnings: runWarnings(record),
  });
}

// deno-lint-ignore no-explicit-any
const parsed = (text: string): any[] =>
  text.split("\n").slice(0, -1).map((line) => JSON.parse(line));

Deno.test("SC-010 every fill is in trades.log, every order and every new wish in orders.log", () => {
  const record = randomRecord({
    ...{ seed: 2, marks: 80, symbols: ["BTC", "ETH"], budgets: [0.6, 0.4], activity: 0.3 },
  });
  const logs = logsOf(record);
  const trades = parsed(logs["trades.log"]);
  const orders = parsed(logs["orders.log"]);
  const fills = record.outcomes.filter(({ status }) => status === "filled");
  ok(fills.length > 20);
  deepStrictEqual(
    trades.map(({ context }) => context.quantity),
    fills.map(({ quantity }) => Math.abs(quantity)),
  );
  deepStrictEqual(
    orders.filter(({ component }) => component === "execution").map(({ context }) =>
      context.quantity
    ),
    record.outcomes.map(({ quantity }) => quantity),
  );
  const newest = new Map<string, number>();
  const wished = record.wishes.filter(({ model, asset, raw }) => {
    const same = newest.get(`${model} ${asset}`) === raw;
    newest.set(`${model} ${asset}`, raw);
    return !same;
  });
  deepStrictEqual(
    orders.filter(({ component }) => component === "portfolio").map(({ context }) =>
      context.raw_weight
    ),
    wished.map(({ raw }) => raw),
  );
});

Deno.test("FR-056 a line is one JSON object with timestamp, component, level, message and context", () => {
  const [first] = parsed(logsOf(handMadeRecord())["trades.log"]);
  deepStrictEqual(Object.keys(first), ["timestamp", "component", "level", "message", "context"]);
  strictEqual(first.timestamp, "2024-01-01T00:00:00Z");
  strictEqual(first.message, "bought 3 BTC at 101");
  deepStrictEqual(first.context.models, { A: 1 });
  strictEqual(first.context.decision_time, "2024-01-01T00:00:00Z");
  strictEqual(first.context.pessimistic, false);
});

Deno.test("FR-057 orders.log runs in time: wishes of a decision, its orders, and at last what lapsed", () => {
  const lines = parsed(logsOf(handMadeRecord())["orders.log"]);
  deepStrictEqual(lines.map(({ message }) => message), [
    "A wants 0.5 of its budget in BTC",
    "market order to buy 3 BTC filled",
    "A wants 0.2 of its budget in BTC",
    "B wants 0.5 of its budget in BTC",
    "B wants 0.125 of its budget in ETH",
    "market order to buy 1 ETH filled",
    "A wants 0 of its budget in BTC",
    "B wants 0 of its budget in BTC",
    "market order to sell 3 BTC filled",
    "market order to buy 0.0001 ETH skipped: below_minimum",
    "market order for ETH lapsed: the run ended before a market opened",
  ]);
  const times = lines.map(({ timestamp }) => timestamp);
  deepStrictEqual(times, times.toSorted());
  strictEqual(lines[0].context.stop, null);
});

Deno.test("FR-057 performance.log has one line a day and one for each change of mode", () => {
  const lines = parsed(logsOf(handMadeRecord())["performance.log"]);
  deepStrictEqual(lines.map(({ message }) => message), [
    "NAV 1000.00",
    "NAV 1025.00",
    "NAV 1054.00",
    "mode REDUCED",
    "NAV 1051.00",
  ]);
  strictEqual(lines[1].context.return, 1025 / 1000 - 1);
  strictEqual(lines[3].level, "warning");
  const h4 = randomRecord({ seed: 1, marks: 30, symbols: ["BTC"], budgets: [1] });
  strictEqual(parsed(logsOf(h4)["performance.log"]).length, 6); // 5 midnights and the final mark
});

Deno.test("FR-057 errors.log tells gaps, late joiners and lapsed orders, and is empty without any", () => {
  const lines = parsed(logsOf(handMadeRecord())["errors.log"]);
  deepStrictEqual(lines.map(({ message }) => message), [
    "ETH joins B only at 2024-01-02T00:00:00Z: its bars begin 2024-01-01T00:00:00Z",
    "BTC misses up to 1 daily bars of A, 2024-01-02T00:00:00Z to 2024-01-03T00:00:00Z (ffill)",
    "The order for ETH still waited for a market at the end and lapsed",
  ]);
  ok(lines.every(({ level }) => level === "warning"));
  strictEqual(
    logsOf(randomRecord({ seed: 1, marks: 3, symbols: [], budgets: [] }))["errors.log"],
    "",
  );
});

Deno.test("FR-005 an asset that never joins is told with what is known of its bars", () => {
  const record = handMadeRecord();
  const coverage = [
    { ...record.coverage[0]!, joins: null, barsAtJoin: null, firstBar: null, lastBar: null },
  ];
  const [warning] = runWarnings({ ...record, coverage, gaps: [], lapsed: [] });
  strictEqual(warning!.message, "ETH never joins B: it has no bars");
});
