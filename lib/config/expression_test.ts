import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { compile, type Expression, namesIn, type Operator, parseExpression } from "./expression.ts";

const VALUES: Readonly<Record<string, string | number | boolean | null | undefined>> = {
  a: 2,
  b: 3,
  "models.M_v1.c": 0.5,
  word: "daily",
  on: true,
  off: null,
};

function truth(text: string): unknown {
  return compile(parseExpression(text), (name) => () => VALUES[name])([]);
}

Deno.test("FR-046 a constraint compares parameters by the usual rules", () => {
  strictEqual(truth("a < b"), true);
  strictEqual(truth("a * 2 <= b"), false);
  strictEqual(truth("a + b * 2 == 8"), true);
  strictEqual(truth("(a + b) * 2 == 10"), true);
  strictEqual(truth("b - a - 1 == 0"), true);
  strictEqual(truth("12 / a / b == 2"), true);
  strictEqual(truth("-a < - -b"), true);
  strictEqual(truth("models.M_v1.c + 0.1 < 0.9"), true);
  strictEqual(truth("`models.M_v1.c` >= 5e-1"), true);
  strictEqual(truth("word == \"daily\" and word != 'h4'"), true);
  strictEqual(truth("not a > b and b > 1"), true);
  strictEqual(truth("not (a < b or b > 1)"), false);
  strictEqual(truth("a > b or on"), true);
  strictEqual(truth("off == null"), true);
  strictEqual(truth("on == true"), true);
});

Deno.test("FR-046 what is no number is in no order with numbers", () => {
  strictEqual(truth("off < 3"), false);
  strictEqual(truth("off >= 0"), false);
  strictEqual(truth("word + 1 > 0"), false);
  strictEqual(truth("word < 3"), false);
});

Deno.test("FR-046 a constraint that does not parse is refused at its character", () => {
  const line = (text: string) => {
    try {
      parseExpression(text);
    } catch (error) {
      return (error as Error).message;
    }
    return "read";
  };
  strictEqual(
    line("a <"),
    'character 4 of "a <": found the end, expected a parameter, a value or (',
  );
  strictEqual(line("a b"), 'character 3 of "a b": found "b", expected an operator or the end');
  strictEqual(line("(a < b"), 'character 7 of "(a < b": found the end, expected ")"');
  strictEqual(
    line("a < b < 3"),
    'character 7 of "a < b < 3": found "<", expected "and" between two comparisons',
  );
  strictEqual(
    line("a = b"),
    'character 3 of "a = b": found "=", expected a parameter, a value or an operator (did you mean "=="?)',
  );
  strictEqual(line("a + 1"), 'character 1 of "a + 1": expected a comparison such as a < b');
  strictEqual(
    line("a < b and 3"),
    'character 11 of "a < b and 3": expected a comparison such as a < b',
  );
  strictEqual(
    line("(a < b) + 1 < 3"),
    'character 1 of "(a < b) + 1 < 3": expected a number, not a comparison',
  );
  for (const text of ["", "a; b", "a[0] < 1", "f(1) < 2", "a ?? b", "a => b"]) {
    throws(() => parseExpression(text), { name: "Refusal" }, text);
  }
});

Deno.test("FR-046 the names of a constraint are those that are no values", () => {
  deepStrictEqual(namesIn(parseExpression("a.b < 2 and not (c == 'd' or -a.b > e)")), [
    ...["a.b", "c", "a.b", "e"],
  ]);
});

const PRECEDENCE: Readonly<Record<Operator, number>> = {
  or: 1,
  and: 2,
  ...{ "<": 4, "<=": 4, ">": 4, ">=": 4, "==": 4, "!=": 4 },
  ...{ "+": 5, "-": 5, "*": 6, "/": 6 },
};

/** The expression in writing, with no more parentheses than it needs. */
function written(expression: Expression, around = 0): string {
  if (expression.kind === "literal") return String(expression.value);
  if (expression.kind === "name") return expression.name;
  if (expression.kind !== "binary") {
    const isNot = expression.kind === "not";
    const text = `${isNot ? "not" : "-"} ${written(expression.operand, isNot ? 3 : 7)}`;
    return (isNot ? 3 : 7) < around ? `(${text})` : text;
  }
  const level = PRECEDENCE[expression.operator];
  const left = written(expression.left, level === 4 ? 5 : level);
  const text = `${left} ${expression.operator} ${written(expression.right, level + 1)}`;
  return level < around ? `(${text})` : text;
}

/** What JavaScript makes of the same. */
function told(expression: Expression): number | boolean {
  if (expression.kind === "literal") return expression.value as number;
  if (expression.kind === "name") return VALUES[expression.name] as number;
  if (expression.kind !== "binary") {
    return expression.kind === "not" ? !told(expression.operand) : -told(expression.operand);
  }
  const [left, right] = [told(expression.left) as number, told(expression.right) as number];
  switch (expression.operator) {
    case "and":
      return Boolean(left) && Boolean(right);
    case "or":
      return Boolean(left) || Boolean(right);
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    default:
      return left / right;
  }
}

const { truths } = fc.letrec<{ numbers: Expression; truths: Expression }>((tie) => {
  const between = (operators: readonly Operator[], operand: fc.Arbitrary<Expression>) =>
    fc.tuple(fc.constantFrom(...operators), operand, operand).map(([operator, left, right]) =>
      ({ kind: "binary", operator, left, right }) as const
    );
  const numbers = tie("numbers");
  const comparisons = between(["<", "<=", ">", ">=", "==", "!="], numbers);
  return {
    numbers: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.integer({ min: 0, max: 9 }).map((value) => ({ kind: "literal", value }) as const),
      fc.constantFrom("a", "b", "models.M_v1.c").map((name) => ({ kind: "name", name }) as const),
      between(["+", "-", "*", "/"], numbers),
      numbers.map((operand) => ({ kind: "negate", operand }) as const),
    ),
    truths: fc.oneof(
      { depthSize: "small" },
      comparisons,
      between(["and", "or"], tie("truths")),
      tie("truths").map((operand) => ({ kind: "not", operand }) as const),
    ),
  };
});

Deno.test("FR-046 any constraint means what JavaScript makes of its parts", () => {
  fc.assert(
    fc.property(truths, (expression) => {
      const text = written(expression);
      strictEqual(truth(text), told(expression), text);
      deepStrictEqual(parseExpression(text), expression, text);
    }),
    { seed: 8, numRuns: 500 },
  );
});
