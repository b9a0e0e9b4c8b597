import { applies } from "./houses.ts";
import { type Node, together, visitGlobals, visitNames } from "./syntax.ts";

/** What `Math` answers exactly, to the last bit, by the language's own definition (`sqrt`: by IEEE 754). */
const EXACT = new Set([
  ...["abs", "ceil", "floor", "max", "min", "round", "sign", "sqrt", "trunc"],
  ...["clz32", "f16round", "fround", "imul", "sumPrecise"],
  ...["E", "LN10", "LN2", "LOG10E", "LOG2E", "PI", "SQRT1_2", "SQRT2"],
]);

/** Numbers come out the same from every engine: no `Math` function whose last bits the language leaves open. */
export const exactMath: Deno.lint.Rule = {
  create(context) {
    if (!applies("exact-math", context.filename, "results")) return {};
    const report = (node: Node, what: string) =>
      context.report({
        node,
        message: `${what} may differ in the last bits from machine to machine`,
        hint: "Use the kernels of lib/core/math.ts",
      });
    return together(
      visitGlobals(["Math"], (node, name, member) => {
        if (member === undefined) report(node, `${name} as a whole holds functions that`);
        else if (!EXACT.has(member) && member !== "random") report(node, `Math.${member}`);
      }),
      {
        BinaryExpression(node) {
          if (node.operator === "**" && !isExactPower(node)) report(node, "A power (**)");
        },
        AssignmentExpression(node) {
          if (node.operator === "**=") report(node, "A power (**=)");
        },
      },
    );
  },
};

/** True of whole literals with a whole result below 2⁵³, and of big integers. */
function isExactPower({ left, right }: Deno.lint.BinaryExpression): boolean {
  const base = literalOf(left);
  const exponent = literalOf(right);
  if (typeof base === "bigint" || typeof exponent === "bigint") return true;
  if (typeof base !== "number" || typeof exponent !== "number") return false;
  return Number.isInteger(base) && Number.isInteger(exponent) && exponent >= 0 &&
    Number.isSafeInteger(base ** exponent);
}

function literalOf(node: Node): unknown {
  return node.type === "Literal" ? node.value : undefined;
}

/** Members that tell a time without being called a clock. */
const TIMES = [
  ...["hrtime", "uptime", "osUptime", "timeStamp"],
  ...["mtimeMs", "atimeMs", "ctimeMs", "birthtimeMs"],
];

/** No result knows when it was made. */
export const noClock: Deno.lint.Rule = {
  create(context) {
    if (!applies("no-clock", context.filename, "lib")) return {};
    const report = (node: Node, what: string) =>
      context.report({
        node,
        message: `${what} asks the machine for its time or time zone`,
        hint: "Take a Clock, or parse and format with lib/core/clock.ts",
      });
    return together(
      visitGlobals(["Date", "Temporal", "performance"], (node, name, member) => {
        // Date.UTC is arithmetic; Date.parse reads what has no zone in that of the machine.
        if (name !== "Date" || member !== "UTC") report(node, member ? `${name}.${member}` : name);
      }),
      visitNames((name) => TIMES.includes(name), report),
      {
        ImportDeclaration({ source }) {
          if (/^(?:node:)?perf_hooks$/.test(source.value)) report(source, source.value);
        },
      },
    );
  },
};

const CHANCES = [
  ...["getRandomValues", "randomUUID", "randomBytes", "pseudoRandomBytes"],
  ...["randomInt", "randomFill", "randomFillSync"],
];

/** Every throw of the dice can be thrown again. */
export const noChance: Deno.lint.Rule = {
  create(context) {
    if (!applies("no-chance", context.filename, "lib")) return {};
    const report = (node: Node, what: string) =>
      context.report({
        node,
        message: `${what} gives other numbers each time`,
        hint: "Take a Random of lib/core/random.ts",
      });
    return together(
      visitGlobals(["Math"], (node, _name, member) => {
        if (member === "random") report(node, "Math.random");
      }),
      visitNames((name) => CHANCES.includes(name), report),
    );
  },
};

/** Nothing is written or ordered by the customs of the place where the machine stands. */
export const noLocale: Deno.lint.Rule = {
  create(context) {
    if (!applies("no-locale", context.filename, "lib")) return {};
    const report = (node: Node, what: string) =>
      context.report({
        node,
        message: `${what} follows the machine's language and its tables`,
        hint: "Compare with < and format by hand",
      });
    return together(
      visitGlobals(["Intl"], report),
      visitNames((name) => name === "localeCompare" || /^toLocale[A-Z]/.test(name), report),
    );
  },
};
