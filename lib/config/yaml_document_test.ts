import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "yaml";
import { Refusal } from "../core/errors.ts";
import { formatOrigin, nearestOrigin, toPlain } from "./located.ts";
import { parseYaml } from "./yaml_document.ts";

const SOURCE = { source: "my.yaml", layer: 0 };

function plain(text: string): unknown {
  const tree = parseYaml(text, SOURCE);
  return tree && JSON.parse(JSON.stringify(toPlain(tree)));
}

function refuses(text: string, message: string) {
  throws(() => parseYaml(text, SOURCE), (error) => {
    strictEqual(error instanceof Refusal && error.message, message);
    return true;
  });
}

Deno.test("FR-050 YAML is read by the 1.2 core schema: dates and words stay text", () => {
  deepStrictEqual(plain("{a: 2020-01-01, b: no, c: 010, d: null, e: true, f: 1e-3, g: -0}"), {
    a: "2020-01-01",
    b: "no",
    c: 10,
    d: null,
    e: true,
    f: 0.001,
    g: 0,
  });
});

Deno.test("FR-050 a key is the text that was written, also where YAML reads a number", () => {
  deepStrictEqual(plain("0700: 1\n600519: 2\n"), { "0700": 1, "600519": 2 });
});

Deno.test("FR-050 an empty file, comments and a bare document marker hold nothing", () => {
  for (const text of ["", "\n\n", "# nothing yet\n", "---\n", "\uFEFF"]) {
    strictEqual(plain(text), undefined);
  }
});

Deno.test("FR-050 every value remembers the line of its key, every item its own line", () => {
  const tree = parseYaml("risk:\n  cap: 1\n\n  list:\n    - a\n    - b\n", SOURCE)!;
  const line = (...path: (string | number)[]) => formatOrigin(nearestOrigin(tree, path));
  strictEqual(line("risk"), "my.yaml:1");
  strictEqual(line("risk", "cap"), "my.yaml:2");
  strictEqual(line("risk", "list", 1), "my.yaml:6");
  strictEqual(line("risk", "unknown"), "my.yaml:1");
});

Deno.test("FR-050 what is no plain YAML data is refused with its line", () => {
  refuses("a: 1\nb: 2\na: 3\n", "my.yaml:3: a is given twice, expected once (first in line 1)");
  refuses("a: 1\n---\nb: 2\n", "my.yaml:2: not valid YAML: found a second document, expected one");
  refuses("a: 1\nb: !!set x\n", "my.yaml:2: not valid YAML: Unresolved tag: tag:yaml.org,2002:set");
  refuses("a: !mine x\n", "my.yaml:1: not valid YAML: Unresolved tag: !mine");
  refuses("a:\n\tb: 1\n", "my.yaml:2: not valid YAML: Tabs are not allowed as indentation");
  refuses("%YAML 1.1\n---\na: no\n", "my.yaml:1: found a %YAML directive, expected plain YAML 1.2");
  refuses("a: *b\n", "my.yaml:1: found the alias *b, expected an anchor before it");
  refuses(
    "a:\n  ? [1, 2]\n  : 3\n",
    "my.yaml:2: a: found a key that is no plain text, expected a name",
  );
});

Deno.test("FR-050 NaN and the infinities are refused, however they are written", () => {
  refuses("a: 1\nb: { c: .nan }\n", "my.yaml:2: b.c: found .nan, expected a finite number");
  refuses("a: [1, -.inf]\n", "my.yaml:1: a[1]: found -.inf, expected a finite number");
  refuses("a: 1e400\n", "my.yaml:1: a: found 1e400, expected a finite number");
});

Deno.test("FR-050 keys that reach a prototype are refused and change no object", () => {
  refuses("a: 1\n__proto__: { polluted: 1 }\n", "my.yaml:2: __proto__ is not a known key");
  refuses("a:\n  constructor: 1\n", "my.yaml:2: a.constructor is not a known key");
  refuses('a: { "proto\\x74ype": 1 }\n', "my.yaml:1: a.prototype is not a known key");
  strictEqual(({} as { polluted?: number }).polluted, undefined);
});

Deno.test("FR-050 a billion laughs are refused at the twenty-first alias", () => {
  const levels = Array.from({ length: 9 }, (_, i) => {
    const aliases = Array(9).fill(`*l${i}`).join(", ");
    return `l${i + 1}: &l${i + 1} [${aliases}]`;
  });
  refuses(
    ["l0: &l0 lol", ...levels].join("\n"),
    "my.yaml:2: found more than 20 uses of aliases (*name), expected fewer",
  );
  deepStrictEqual(plain("a: &x { b: 1 }\nc: *x\n"), { a: { b: 1 }, c: { b: 1 } });
});

Deno.test("FR-050 an alias to itself and nesting without end are refused", () => {
  refuses(
    "a: &a [*a]\n",
    "my.yaml:1: found more than 20 uses of aliases (*name), expected fewer",
  );
  refuses(
    `a: ${"[".repeat(40)}${"]".repeat(40)}\n`,
    "my.yaml:1: not valid YAML: nested deeper than 32 levels",
  );
  refuses("[".repeat(60_000), "my.yaml:1: not valid YAML: nested deeper than 32 levels");
});

Deno.test("FR-050 what is written as YAML is read back", () => {
  const key = fc.string({ minLength: 1, maxLength: 8 })
    .filter((name) => !["__proto__", "constructor", "prototype"].includes(name));
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  );
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(key, tie("node"), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).node;
  fc.assert(
    fc.property(fc.dictionary(key, value, { maxKeys: 3, noNullPrototype: true }), (data) => {
      deepStrictEqual(plain(stringify(data, { aliasDuplicateObjects: false })), data);
    }),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("FR-050 any text is either read or refused in one line that names the file", () => {
  const token = fc.constantFrom(
    ..."{}[],:&*!|>'\"%@`-?#~".split(""),
    ...[
      "\n",
      "\n  ",
      " ",
      "\t",
      "a",
      "b: ",
      "- ",
      "---\n",
      "...",
      "<<",
      ".nan",
      "&a ",
      "*a ",
      "\u0000",
    ],
  );
  const text = fc.array(token, { maxLength: 24 }).map((tokens) => tokens.join(""));
  let refused = 0;
  fc.assert(
    fc.property(text, (written) => {
      try {
        parseYaml(written, SOURCE);
      } catch (error) {
        strictEqual(error instanceof Refusal && /^my\.yaml:\d+: .+$/.test(error.message), true);
        refused++;
      }
    }),
    { seed: 1, numRuns: 2000 },
  );
  strictEqual(refused > 100, true);
});
