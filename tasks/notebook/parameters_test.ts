import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { type Notebook, textOf } from "./notebook_file.ts";
import { parametersOf, withParameters } from "./parameters.ts";

const CODE = [
  "// What may be changed.",
  "let period = 200;",
  'let start = "2020-01-01"; // a Wednesday',
  "let costs = true;",
  "let symbols = [];",
].join("\n");

function named(code: string, tags = ["parameters"]) {
  const cell = { cell_type: "code", source: code.split(/(?<=\n)/), metadata: { tags } } as const;
  const text = { cell_type: "markdown", source: "# Page", metadata: {} } as const;
  const after = { cell_type: "code", source: "use(period);", metadata: {} } as const;
  const notebook: Notebook = {
    ...{ cells: [text, cell, after], metadata: {} },
    ...{ nbformat: 4, nbformat_minor: 5 },
  };
  return { name: "page", notebook };
}

const given = (...texts: readonly string[]) => {
  const { cells } = withParameters(named(CODE), texts);
  return textOf(cells[2]!.source);
};

Deno.test("parameters are the lines of the tagged cell", () => {
  deepStrictEqual(parametersOf(named(CODE)).map(({ name, code }) => `${name}: ${code}`), [
    "period: 200",
    'start: "2020-01-01"',
    "costs: true",
    "symbols: []",
  ]);
  deepStrictEqual(parametersOf(named(CODE, [])), []);
  throws(() => parametersOf(named("let a = 1;\nconst c = 2;")), {
    name: "Refusal",
    message: 'notebooks/page.ipynb: parameters: found "const c = 2;", expected let name = value;',
  });
});

Deno.test("values given stand in a cell of their own after the parameters", () => {
  strictEqual(given("period=150", "costs=false"), "period = 150;\ncosts = false;");
  strictEqual(given("start=2021-06-01"), 'start = "2021-06-01";');
  strictEqual(given('start="20"'), 'start = "20";');
  strictEqual(given('symbols=["SPY"]'), 'symbols = ["SPY"];');
  strictEqual(given('start=x"; stop(); "'), 'start = "x\\"; stop(); \\"";');
  const untouched = named(CODE);
  strictEqual(withParameters(untouched, []), untouched.notebook);
});

Deno.test("a parameter that does not exist, or of another kind, is refused in one line", () => {
  const refused = (text: string, message: string) =>
    throws(() => given(text), { name: "Refusal", exitCode: 2, message });
  refused(
    "perod=1",
    '-p: found "perod" (did you mean "period"?), ' +
      "expected a parameter of page: period, start, costs, symbols",
  );
  refused("period", '-p: found "period", expected name=value');
  refused("period=long", '-p period: found "long", expected a number, like 200');
  refused("costs=1", '-p costs: found "1", expected true or false, like true');
  refused("symbols=SPY", '-p symbols: found "SPY", expected JSON, like []');
  refused("symbols=5", '-p symbols: found "5", expected a list in JSON, like []');
});
