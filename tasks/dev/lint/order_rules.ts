import { applies } from "./houses.ts";
import { isSame, memberName, type Node, parentOf } from "./syntax.ts";

const NUMBERS =
  /^(?:readonly (?:number|Millis)\[\]|(?:number|Millis)\[\]|(?:Readonly)?(?:Array|Set)<(?:number|Millis)>)$/;

/** Without a comparator 10 comes before 9. Sees literals, `.map(Number)` and names whose type the file writes down. */
export const numberSort: Deno.lint.Rule = {
  create(context) {
    if (!applies("number-sort", context.filename, "results")) return {};
    const numbers = new Set<string>();
    const sorts: Deno.lint.CallExpression[] = [];
    return {
      Identifier(node) {
        if (!node.typeAnnotation) return;
        const type = context.sourceCode.getText(node.typeAnnotation).replace(/^:\s*/, "");
        if (NUMBERS.test(type)) numbers.add(node.name);
      },
      CallExpression(node) {
        const isSort = ["sort", "toSorted"].includes(methodOf(node) ?? "");
        if (isSort && node.arguments.length === 0) sorts.push(node);
      },
      // Bodies are visited before the parameters whose types tell.
      "Program:exit"() {
        for (const node of sorts.filter((sort) => holdsNumbers(receiverOf(sort), numbers))) {
          context.report({
            node,
            message: `${
              methodOf(node)
            }() without a comparator orders numbers as words, 10 before 9`,
            hint: "Pass (a, b) => a - b",
          });
        }
      },
    };
  },
};

const SAME_KIND = ["concat", "filter", "slice", "toReversed", "toSpliced", "with"];

function holdsNumbers(node: Node, names: ReadonlySet<string>): boolean {
  if (node.type === "Identifier") return names.has(node.name);
  if (node.type === "ArrayExpression") {
    return (node.elements as readonly Node[]).some((element) =>
      element.type === "SpreadElement"
        ? holdsNumbers(element.argument as Node, names)
        : isNumber(element)
    );
  }
  if (node.type !== "CallExpression") return false;
  const method = methodOf(node);
  if (method === undefined) return false;
  const [first] = node.arguments;
  if (method === "map") return first?.type === "Identifier" && first.name === "Number";
  return SAME_KIND.includes(method) &&
    holdsNumbers(receiverOf(node), names);
}

function isNumber(node: Node): boolean {
  if (node.type === "UnaryExpression") return node.operator === "-" && isNumber(node.argument);
  return node.type === "Literal" && typeof node.value === "number";
}

const LISTINGS: Readonly<Record<string, readonly string[]>> = {
  Object: ["keys", "values", "entries", "getOwnPropertyNames"],
  Reflect: ["ownKeys"],
};

/**
 * Two records with the same content have one hash, and so one run id, but may be listed in two orders: as they were
 * written. Listing one therefore sorts (`Object.keys(x).sort()`), asks what no order changes (`every`, `length`), makes
 * another record of it (`Object.fromEntries`), or says beside it why the order is fixed: `// order: …`.
 */
export const fixedOrder: Deno.lint.Rule = {
  create(context) {
    if (!applies("fixed-order", context.filename, "results")) return {};
    const lines = context.sourceCode.text.split("\n");
    return {
      ForInStatement(node) {
        context.report({
          node,
          message: "for…in visits keys in the order of their making, inherited ones too",
          hint: "Loop over Object.keys(…).sort()",
        });
      },
      CallExpression(node) {
        const { callee } = node;
        if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier") return;
        const { name } = callee.object;
        const method = memberName(callee);
        if (method === undefined || !LISTINGS[name]?.includes(method)) return;
        if (isOrderFree(node) || isExplained(node, context.sourceCode, lines)) return;
        context.report({
          node,
          message: `${name}.${method} lists a record in the order of its making`,
          hint: "Sort it, or say beside it why the order is fixed: // order: …",
        });
      },
    };
  },
};

const KEEPS_ORDER = ["filter", "flatMap", "map"];
const FORGETS_ORDER = ["every", "has", "includes", "length", "size", "some", "sort", "toSorted"];

/** Whether the order of a list is given up, or no one's business, before anything is done with it. */
function isOrderFree(list: Node): boolean {
  const parent = parentOf(list);
  switch (parent?.type) {
    case "MemberExpression": {
      const member = memberName(parent) ?? "";
      if (FORGETS_ORDER.includes(member)) return true;
      const call = parentOf(parent);
      return KEEPS_ORDER.includes(member) && call?.type === "CallExpression" && isOrderFree(call);
    }
    case "CallExpression":
      return methodOf(parent) === "fromEntries" && isFirst(parent.arguments, list);
    case "NewExpression":
      return parent.callee.type === "Identifier" && parent.callee.name === "Set" &&
        isOrderFree(parent);
    case "ArrayExpression":
    case "SpreadElement":
    case "TSAsExpression":
    case "TSNonNullExpression":
    case "TSSatisfiesExpression":
      return isOrderFree(parent);
    default:
      return false;
  }
}

function isFirst([first]: readonly Node[], node: Node): boolean {
  return first !== undefined && isSame(first, node);
}

/** Whether `// order: why` stands on the line of the call, or above it or its statement. */
function isExplained(
  node: Node,
  { text }: Deno.lint.SourceCode,
  lines: readonly string[],
): boolean {
  const lineOf = (offset: number) => text.slice(0, offset).split("\n").length - 1;
  const line = lineOf(node.range[0]);
  let statement: Node | undefined = node;
  while (statement && !/Statement$|Declaration$/.test(statement.type)) {
    statement = parentOf(statement);
  }
  return /\/\/ order: \S/.test(lines[line]!) || isExplainedAbove(line, lines) ||
    (statement !== undefined && isExplainedAbove(lineOf(statement.range[0]), lines));
}

function isExplainedAbove(line: number, lines: readonly string[]): boolean {
  for (let above = line - 1; /^\s*\/\/ /.test(lines[above] ?? ""); above--) {
    if (/^\s*\/\/ order: \S/.test(lines[above]!)) return true;
  }
  return false;
}

/** What a method is called on. */
function receiverOf({ callee }: Deno.lint.CallExpression): Node {
  return (callee as Deno.lint.MemberExpression).object as Node;
}

function methodOf({ callee }: Deno.lint.CallExpression): string | undefined {
  return callee.type === "MemberExpression" ? memberName(callee) : undefined;
}
