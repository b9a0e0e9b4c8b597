export type Node = Deno.lint.Node;

/** Whether two handles mean the same piece of source. */
export function isSame(a: Node, b: Node): boolean {
  return a.type === b.type && a.range[0] === b.range[0] && a.range[1] === b.range[1];
}

/** What holds a node; undefined for the program. */
export function parentOf(node: Node): Node | undefined {
  return "parent" in node ? (node.parent as Node | undefined) : undefined;
}

/** The name by which a member is asked for, `a.b` and `a["b"]` alike; undefined when it is computed. */
export function memberName(node: Deno.lint.MemberExpression): string | undefined {
  const { property } = node;
  if (!node.computed) return property.type === "Identifier" ? property.name : undefined;
  return property.type === "Literal" && typeof property.value === "string"
    ? property.value
    : undefined;
}

/** Whether an identifier stands for a value: it is no key, no member's name and no type. */
export function isReference(node: Deno.lint.Identifier): boolean {
  const parent = parentOf(node);
  if (!parent) return true;
  switch (parent.type) {
    case "MemberExpression":
      return parent.computed || !isSame(parent.property, node);
    case "Property":
      return parent.shorthand || parent.computed || !isSame(parent.key as Node, node);
    case "MethodDefinition":
    case "PropertyDefinition":
      return parent.computed || !isSame(parent.key as Node, node);
    case "TSAsExpression":
    case "TSNonNullExpression":
    case "TSSatisfiesExpression":
      return isSame(parent.expression, node);
    default:
      return !parent.type.startsWith("TS");
  }
}

const GLOBAL_OBJECTS = ["globalThis", "self", "window", "global"];

/**
 * Calls `found` for every use of the globals named, plain or through `globalThis`; `member` is what is asked of it at
 * once (`Math.exp`: "exp"), undefined when it is passed on as a whole.
 */
export function visitGlobals(
  names: readonly string[],
  found: (node: Node, name: string, member: string | undefined) => void,
): Deno.lint.LintVisitor {
  const tell = (node: Node, name: string) => {
    const parent = parentOf(node);
    const asked = parent?.type === "MemberExpression" && isSame(parent.object as Node, node);
    found(asked ? parent : node, name, asked ? memberName(parent) : undefined);
  };
  return {
    Identifier(node) {
      if (names.includes(node.name) && isReference(node)) tell(node, node.name);
    },
    MemberExpression(node) {
      const { object } = node;
      if (object.type !== "Identifier" || !GLOBAL_OBJECTS.includes(object.name)) return;
      const name = memberName(node);
      if (name !== undefined && names.includes(name)) tell(node, name);
    },
  };
}

/** Calls `found` wherever one of these names appears: asked of an object, imported, taken out of it, defined. */
export function visitNames(
  matches: (name: string) => boolean,
  found: (node: Node, name: string) => void,
): Deno.lint.LintVisitor {
  return {
    Identifier(node) {
      if (matches(node.name)) found(node, node.name);
    },
    Literal(node) {
      const parent = parentOf(node);
      if (typeof node.value !== "string" || !matches(node.value)) return;
      if (parent?.type === "MemberExpression" && parent.computed) found(node, node.value);
    },
  };
}

/** One visitor that does what all of these do. */
export function together(...visitors: readonly Deno.lint.LintVisitor[]): Deno.lint.LintVisitor {
  const all = visitors as readonly Readonly<Record<string, (node: Node) => void>>[];
  const types = new Set(all.flatMap((visitor) => Object.keys(visitor)));
  return Object.fromEntries(
    [...types].map((type) => [type, (node: Node) => {
      for (const visitor of all) visitor[type]?.(node);
    }]),
  );
}
