import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import determinism from "./determinism.ts";

/** What the plugin says of `source` as the file `path`: each rule's name and the words it is about. */
function findings(source: string, path = "lib/stats/example.ts"): string[] {
  return Deno.lint.runPlugin(determinism, path, source)
    .map(({ id, range }) => `${id.replace("determinism/", "")}: ${source.slice(...range)}`);
}

/** Every source here is one that `rule` finds, and no other rule does. */
function eachFoundBy(rule: string, sources: readonly string[]): void {
  for (const source of sources) {
    const rules = findings(source).map((found) => found.split(":")[0]);
    deepStrictEqual([...new Set(rules)], [rule], source);
  }
}

/** No rule minds any of these. */
function nothingFoundIn(sources: readonly string[], path?: string): void {
  for (const source of sources) deepStrictEqual(findings(source, path), [], source);
}

Deno.test("FR-060 exact-math finds Math functions whose last bits are open", () => {
  deepStrictEqual(findings("const √ = 1, y = Math.exp(x) + Math['log'](x);".replace("√", "ŵ")), [
    "exact-math: Math.exp",
    "exact-math: Math['log']",
  ]);
  const names = [
    ...["exp", "expm1", "log", "log1p", "log2", "log10", "pow", "cbrt", "hypot"],
    ...["sin", "cos", "tan", "asin", "acos", "atan", "atan2"],
    ...["sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "notYetInvented"],
  ];
  eachFoundBy("exact-math", names.map((name) => `Math.${name}(x)`));
});

Deno.test("FR-060 exact-math finds Math under another name", () => {
  eachFoundBy("exact-math", [
    "const { log } = Math;",
    "const mathematics = Math;",
    "const all = [Math];",
    "const all = { Math };",
    "const two = Math[name](2);",
    "globalThis.Math.log(2);",
    "globalThis['Math'].log(2);",
    "returns.map(Math.log);",
    "(Math as Kernels).exp(1);",
    "Math?.exp(1);",
  ]);
});

Deno.test("FR-060 exact-math finds powers, but for literals with an exact result and big integers", () => {
  eachFoundBy("exact-math", [
    "const lots = 10 ** precision;",
    "const square = x ** 2;",
    "x **= 2;",
    "const tenth = 10 ** -1;",
    "const root = 2 ** 0.5;",
    "const large = 10 ** 23;",
  ]);
  nothingFoundIn(["const large = 2 ** 32;", "const exact = 7n ** count;"]);
});

Deno.test("FR-060 exact-math leaves exact functions, constants and other things of the name", () => {
  nothingFoundIn([
    "Math.sqrt(Math.abs(x)) + Math.max(1, Math.trunc(x)) + Math.imul(2, 3) * Math.SQRT2",
    "weights.map(Math.abs)",
    "import { exp, log } from '../core/math.ts'; log(exp(1));",
    "type Kernels = typeof Math;",
    "const marks = { Math: 1 }; marks.Math;",
    "// Math.exp is not for us",
    "const text = 'Math.exp';",
  ]);
});

Deno.test("FR-060 no-clock finds every way to the machine's time and time zone", () => {
  eachFoundBy("no-clock", [
    "process.uptime();",
    "Deno.osUptime();",
    'new Event("x").timeStamp;',
    "statSync(file).mtimeMs;",
    "Date.now()",
    "new Date()",
    "new Date(time).getHours()",
    "Date.parse(text)",
    "Date['now']()",
    "const { now } = Date;",
    "globalThis.Date.now()",
    "Temporal.Now.instant()",
    "performance.now()",
    "const { performance } = globalThis;",
    "process.hrtime.bigint()",
    "import { hrtime } from 'node:process';",
    "import { performance } from 'node:perf_hooks';",
    "import * as hooks from 'perf_hooks';",
  ]);
  nothingFoundIn([
    "const start = Date.UTC(2024, 0, 1);",
    "function since(time: Date): Date { return time; }",
    "const row = { performance: 1 }; row.performance;",
    "clock.now()",
    "parseDate('2024-01-01')",
  ]);
});

Deno.test("FR-060 no-chance finds every throw of the dice but the seeded one", () => {
  eachFoundBy("no-chance", [
    "Math.random()",
    "const draw = Math['random'];",
    "const other = globalThis.Math.random();",
    "crypto.randomUUID()",
    "crypto['getRandomValues'](bytes)",
    "const { randomUUID } = crypto;",
    "import { randomBytes } from 'node:crypto';",
    "import { randomInt as whole } from 'node:crypto';",
  ]);
  nothingFoundIn([
    "seededRandom(7).next()",
    "const { equity, crypto } = regimes; crypto.codes;",
    "import { createHash } from 'node:crypto';",
  ]);
});

Deno.test("FR-060 no-locale finds what follows the customs of a place", () => {
  eachFoundBy("no-locale", [
    "price.toLocaleString()",
    "name.toLocaleUpperCase()",
    "name['toLocaleLowerCase']()",
    "names.sort((a, b) => a.localeCompare(b))",
    "new Intl.NumberFormat()",
    "const { Intl } = globalThis;",
  ]);
  nothingFoundIn(["name.toUpperCase()", "price.toFixed(2)", "names.sort()"]);
});

Deno.test("FR-060 number-sort finds numbers that would be ordered as words", () => {
  eachFoundBy("number-sort", [
    "[10, 9].sort()",
    "[-1, ...others].toSorted()",
    "texts.map(Number).sort()",
    "function median(values: readonly number[]) { return values.toSorted()[0]; }",
    "const times: Millis[] = []; times.sort();",
    "const times: ReadonlySet<number> = read(); [...times].sort();",
    "function low(values: number[]) { return values.filter((one) => one > 0).sort()[0]; }",
  ]);
  nothingFoundIn([
    "[10, 9].sort((a, b) => a - b)",
    "function low(returns: Float64Array) { return returns.toSorted()[0]; }",
    "const names: string[] = []; names.sort();",
    "const grid: number[][] = []; grid.sort();",
    "Object.keys(record).sort()",
  ]);
});

Deno.test("FR-060 fixed-order finds for…in and records listed in the order of their making", () => {
  eachFoundBy("fixed-order", [
    "for (const name in record) use(name);",
    "for (const name of Object.keys(record)) use(name);",
    "const sum = Object.values(weights).reduce((a, b) => a + b);",
    "const [first] = Object.entries(record);",
    "const first = Object['keys'](record).find(known);",
    "Object.keys(record).map(use);",
    "const names = new Set(Object.keys(record));",
    "const names = [...Object.keys(a), ...Object.keys(b)];",
    "const all = Reflect.ownKeys(record);",
    "const pairs = Object.fromEntries(names, Object.entries(record));",
    "const late = Object.values(record);\nlate.sort();",
  ]);
});

Deno.test("FR-060 fixed-order leaves sorted lists, questions without order, and records made of records", () => {
  nothingFoundIn([
    "for (const name of Object.keys(record).sort()) use(name);",
    "Object.entries(record).filter(wanted).map(shown).toSorted(byName);",
    "[...Object.keys(a), ...Object.keys(b)].sort()",
    "[...new Set(Object.keys(a))].sort()",
    "new Set(Object.keys(a)).has(name)",
    "const count = Object.keys(record).length;",
    "(Object.keys(record) as Name[]).every(known);",
    "Object.values(record).map(Number).some(Number.isNaN)",
    "Object.fromEntries(Object.entries(record).map(([key, value]) => [key, -value]))",
    "for (const [name, value] of new Map(pairs)) use(name, value);",
    "for (const key of columns.keys()) use(key);",
  ]);
});

Deno.test("FR-060 fixed-order takes a reason beside the line or above the statement", () => {
  nothingFoundIn([
    "const names = Object.keys(schema); // order: as the schema lists its columns",
    "// order: as the schema lists its columns\nconst names = Object.keys(schema);",
    "// order: as the schema lists its columns,\n// which is how the file has them\nfor (const name of Object.keys(schema)) use(name);",
    "// order: as declared\nconst names = list(\n  a,\n  Object.keys(schema),\n);",
  ]);
  eachFoundBy("fixed-order", [
    "// order:\nconst names = Object.keys(schema);",
    "// in order\nconst names = Object.keys(schema);",
    "// order: as declared\n\nconst names = Object.keys(schema);",
    "const text = '// order: no';\nconst names = Object.keys(schema);",
    "// order: no excuse for this\nfor (const name in schema) use(name);",
  ]);
});

const EVERYTHING = "Math.exp(1); Math.random(); Date.now(); a.localeCompare(b); [2].sort(); " +
  "for (const name in record);";
const ALL = ["exact-math", "no-clock", "no-chance", "no-locale", "number-sort", "fixed-order"];
const EVERYWHERE = ["no-clock", "no-chance", "no-locale"];

function rulesIn(path: string): string[] {
  const found = new Set(findings(EVERYTHING, path).map((finding) => finding.split(":")[0]!));
  return ALL.filter((rule) => found.has(rule));
}

Deno.test("FR-060 all rules hold in the houses that bear results, clock and chance in all of lib", () => {
  strictEqual(Object.keys(determinism.rules).join(), ALL.join());
  const bearing = ["core", "stats", "features", "regime", "learn", "models"];
  bearing.push("portfolio", "risk", "execution", "engine", "results");
  for (const house of bearing) deepStrictEqual(rulesIn(`lib/${house}/example.ts`), ALL, house);
  for (const house of ["config", "data", "report", "monitor", "app"]) {
    deepStrictEqual(rulesIn(`lib/${house}/example.ts`), EVERYWHERE, house);
  }
  deepStrictEqual(rulesIn("lib/features/kernels/sma.ts"), ALL);
  deepStrictEqual(rulesIn("/lib/assay/lib/report/example.ts"), EVERYWHERE);
  deepStrictEqual(rulesIn("C:\\assay\\lib\\stats\\example.ts"), ALL);
  deepStrictEqual(rulesIn("tasks/backtest.ts"), []);
});

Deno.test("FR-060 tests are free, what they share is bound to clock and chance, and each exception is one file", () => {
  for (
    const name of ["stats/sharpe_test.ts", "execution/test_market.ts", "engine/test_escapes.ts"]
  ) {
    deepStrictEqual(rulesIn(`lib/${name}`), [], name);
  }
  for (
    const name of ["engine/fixtures.ts", "results/record_fixture.ts", "models/model_fixtures.ts"]
  ) {
    deepStrictEqual(rulesIn(`lib/${name}`), EVERYWHERE, name);
  }
  deepStrictEqual(rulesIn("lib/execution/broker_contract.ts"), EVERYWHERE);
  deepStrictEqual(rulesIn("lib/core/clock.ts"), ALL.filter((rule) => rule !== "no-clock"));
  deepStrictEqual(rulesIn("lib/engine/lockdown.ts"), ["number-sort"]);
  for (const name of ["core/math.ts", "core/random.ts", "stats/clock.ts", "engine/latest.ts"]) {
    deepStrictEqual(rulesIn(`lib/${name}`), ALL, name);
  }
});

Deno.test("FR-060 a finding says what is wrong and what to do", () => {
  const found = Deno.lint.runPlugin(determinism, "lib/stats/a.ts", EVERYTHING);
  for (const { id, message, hint } of found) {
    ok(message.length > 20 && hint!.length > 15, `${id}: ${message}; ${hint}`);
  }
});
