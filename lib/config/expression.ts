import { Refusal } from "../core/errors.ts";
import { canonicalJson } from "../core/hash.ts";
import type { Assignment, ParameterValue } from "../core/search_space.ts";
import { type Token, tokensOf } from "./expression_tokens.ts";

const COMPARISONS = ["<", "<=", ">", ">=", "==", "!="] as const;
const SUMS = ["+", "-"] as const;
const PRODUCTS = ["*", "/"] as const;

/** What stands between two operands. */
export type Operator =
  | typeof COMPARISONS[number]
  | typeof SUMS[number]
  | typeof PRODUCTS[number]
  | "and"
  | "or";

/** A rule between parameters, read but not yet looked up. */
export type Expression =
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "not" | "negate"; readonly operand: Expression }
  | {
    readonly kind: "binary";
    readonly operator: Operator;
    readonly left: Expression;
    readonly right: Expression;
  };

/** What an expression says of a value for each dimension. */
export type Evaluate = (assignment: Assignment) => ParameterValue | undefined;

/**
 * A condition such as `fast_ma * 2 < slow_ma and not equal_weight`. From loose to tight: or, and, not, comparisons,
 * + and -, * and /, minus. Throws Refusal that names the place of whatever is no such condition.
 */
export function parseExpression(text: string): Expression {
  const reader: Reader = { text, tokens: tokensOf(text), next: 0 };
  const expression = readEither(reader);
  const rest = reader.tokens[reader.next]!;
  if (rest.kind !== "end") {
    const chained = isOneOf(rest, COMPARISONS);
    fail(reader, rest, chained ? '"and" between two comparisons' : "an operator or the end");
  }
  needTruth(reader, reader.tokens[0]!, expression);
  return expression;
}

/** Names that an expression mentions, in its order, repeats included. */
export function namesIn(expression: Expression): string[] {
  if (expression.kind === "literal") return [];
  if (expression.kind === "name") return [expression.name];
  if (expression.kind !== "binary") return namesIn(expression.operand);
  return [...namesIn(expression.left), ...namesIn(expression.right)];
}

/**
 * The expression as a function. Arithmetic on what is no number is NaN; an order between what are not two numbers or
 * two texts is false; `and`, `or` and `not` take true for true and anything else for false.
 */
export function compile(expression: Expression, lookup: (name: string) => Evaluate): Evaluate {
  if (expression.kind === "literal") return () => expression.value;
  if (expression.kind === "name") return lookup(expression.name);
  if (expression.kind !== "binary") {
    const operand = compile(expression.operand, lookup);
    if (expression.kind === "not") return (assignment) => operand(assignment) !== true;
    return (assignment) => -asNumber(operand(assignment));
  }
  const left = compile(expression.left, lookup);
  const right = compile(expression.right, lookup);
  const { operator } = expression;
  if (operator === "and") return (values) => left(values) === true && right(values) === true;
  if (operator === "or") return (values) => left(values) === true || right(values) === true;
  const apply = OPERATIONS[operator];
  return (assignment) => apply(left(assignment), right(assignment));
}

type Value = ParameterValue | undefined;

const OPERATIONS: Readonly<
  Record<Exclude<Operator, "and" | "or">, (left: Value, right: Value) => ParameterValue>
> = {
  "<": (left, right) => areOrdered(left, right) && left! < right!,
  "<=": (left, right) => areOrdered(left, right) && left! <= right!,
  ">": (left, right) => areOrdered(left, right) && left! > right!,
  ">=": (left, right) => areOrdered(left, right) && left! >= right!,
  "==": (left, right) => isSameValue(left, right),
  "!=": (left, right) => !isSameValue(left, right),
  "+": (left, right) => asNumber(left) + asNumber(right),
  "-": (left, right) => asNumber(left) - asNumber(right),
  "*": (left, right) => asNumber(left) * asNumber(right),
  "/": (left, right) => asNumber(left) / asNumber(right),
};

/** Whether two parameters have the same value; lists and mappings by what they hold. */
export function isSameValue(left: Value, right: Value): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object") return false;
  return left !== null && right !== null && canonicalJson(left) === canonicalJson(right);
}

function areOrdered(left: Value, right: Value): boolean {
  return typeof left === typeof right && (typeof left === "number" || typeof left === "string");
}

function asNumber(value: Value): number {
  return typeof value === "number" ? value : NaN;
}

interface Reader {
  readonly text: string;
  readonly tokens: readonly Token[];
  next: number;
}

function readEither(reader: Reader): Expression {
  return readLogical(reader, "or", (inner) => readLogical(inner, "and", readNot));
}

function readLogical(
  reader: Reader,
  operator: "and" | "or",
  readOperand: (reader: Reader) => Expression,
): Expression {
  const first = reader.tokens[reader.next]!;
  let left = readOperand(reader);
  while (isOneOf(reader.tokens[reader.next]!, [operator])) {
    needTruth(reader, first, left);
    const start = reader.tokens[++reader.next]!;
    const right = readOperand(reader);
    needTruth(reader, start, right);
    left = { kind: "binary", operator, left, right };
  }
  return left;
}

function readNot(reader: Reader): Expression {
  if (!isOneOf(reader.tokens[reader.next]!, ["not"])) return readComparison(reader);
  const start = reader.tokens[++reader.next]!;
  const operand = readNot(reader);
  needTruth(reader, start, operand);
  return { kind: "not", operand };
}

function readComparison(reader: Reader): Expression {
  const left = readChain(reader, SUMS, readProduct);
  const token = reader.tokens[reader.next]!;
  if (!isOneOf(token, COMPARISONS)) return left;
  reader.next++;
  const right = readChain(reader, SUMS, readProduct);
  return { kind: "binary", operator: token.text as Operator, left, right };
}

function readProduct(reader: Reader): Expression {
  return readChain(reader, PRODUCTS, readSigned);
}

function readChain(
  reader: Reader,
  operators: readonly Operator[],
  readOperand: (reader: Reader) => Expression,
): Expression {
  const first = reader.tokens[reader.next]!;
  let left = readOperand(reader);
  for (;;) {
    const token = reader.tokens[reader.next]!;
    if (!isOneOf(token, operators)) return left;
    needValue(reader, first, left);
    const start = reader.tokens[++reader.next]!;
    const right = readOperand(reader);
    needValue(reader, start, right);
    left = { kind: "binary", operator: token.text as Operator, left, right };
  }
}

function readSigned(reader: Reader): Expression {
  if (!isOneOf(reader.tokens[reader.next]!, ["-"])) return readOperand(reader);
  const start = reader.tokens[++reader.next]!;
  const operand = readSigned(reader);
  needValue(reader, start, operand);
  return { kind: "negate", operand };
}

function readOperand(reader: Reader): Expression {
  const token = reader.tokens[reader.next]!;
  if (token.kind === "value") {
    reader.next++;
    return { kind: "literal", value: token.value };
  }
  if (token.kind === "name") {
    reader.next++;
    return { kind: "name", name: token.text };
  }
  if (!isOneOf(token, ["("])) return fail(reader, token, "a parameter, a value or (");
  reader.next++;
  const inner = readEither(reader);
  const close = reader.tokens[reader.next]!;
  if (!isOneOf(close, [")"])) fail(reader, close, '")"');
  reader.next++;
  return inner;
}

function isOneOf(token: Token, texts: readonly string[]): boolean {
  return token.kind === "sign" && texts.includes(token.text);
}

/** Whether an expression is true or false whatever the parameters are. */
function isTruth(expression: Expression): boolean {
  if (expression.kind === "not") return true;
  if (expression.kind !== "binary") return false;
  return !["+", "-", "*", "/"].includes(expression.operator);
}

function needTruth(reader: Reader, start: Token, expression: Expression): void {
  const mayBeTrue = expression.kind === "name" ||
    (expression.kind === "literal" && typeof expression.value === "boolean");
  if (!mayBeTrue && !isTruth(expression)) fail(reader, start, "a comparison such as a < b", "");
}

function needValue(reader: Reader, start: Token, expression: Expression): void {
  if (isTruth(expression)) fail(reader, start, "a number, not a comparison", "");
}

function fail(
  { text }: Reader,
  token: Token,
  expected: string,
  found = token.kind === "end" ? "found the end, " : `found ${JSON.stringify(token.text)}, `,
): never {
  const at = `character ${token.at + 1} of ${JSON.stringify(text)}`;
  throw new Refusal(`${at}: ${found}expected ${expected}`);
}
