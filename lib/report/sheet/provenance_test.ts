import { strictEqual } from "node:assert/strict";
import { yamlText } from "./provenance.ts";

Deno.test("FR-050 the plan reads as it would stand in a configuration", () => {
  const plan = {
    start: "2020-01-01",
    empty: {},
    list: [1, null, true],
    models: [
      { name: "A", universe: ["BTC", "yes"], parameters: { "odd: key": "x: y", slow: 200 } },
      { name: "B", nothing: null },
    ],
    risk: { caps: { crypto: 0.2 }, text: "two\nlines" },
  };
  strictEqual(
    yamlText(plan),
    `
start: "2020-01-01"
empty: {}
list: [1, null, true]
models:
  - name: A
    universe: [BTC, "yes"]
    parameters: { "odd: key": "x: y", slow: 200 }
  - { name: B, nothing: null }
risk:
  caps: { crypto: 0.2 }
  text: "two\\nlines"
`,
  );
});
