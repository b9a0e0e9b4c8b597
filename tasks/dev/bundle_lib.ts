import { posix } from "node:path";

/** What stands in a bundled module for the runtime that Node lacks, at the top of `lib`. */
export const ON_NODE_FILE = "lib/on_node.ts";

/** Where the bundle lies in the project; its files find everything else from there. */
export const BUNDLE_FOLDER = "dist/assay";

/**
 * A module of `lib` as it is bundled for Node: it still finds its neighbours in the project, and what it asks of Deno is
 * answered by one clear line where there is no Deno.
 */
export function forNode(path: string, text: string): string {
  const fromBundle = posix.relative(BUNDLE_FOLDER, path);
  const placed = text
    .replaceAll("import.meta.url", `new URL("${fromBundle}", import.meta.url).href`)
    .replaceAll('import("node:sqlite")', 'import("node:sqlite").catch(withoutSqlite)');
  const asked = [
    ...(/(?<![.\w"])Deno\.\w/.test(placed) ? ["Deno"] : []),
    ...(/\bnew Worker\(/.test(placed) ? ["Worker"] : []),
    ...(placed.includes("withoutSqlite") ? ["withoutSqlite"] : []),
  ];
  if (asked.length === 0) return placed;
  const from = posix.relative(posix.dirname(path), ON_NODE_FILE);
  const specifier = from.startsWith(".") ? from : `./${from}`;
  return `import { ${asked.join(", ")} } from "${specifier}";\n${placed}`;
}

/** Declarations name modules as they are emitted: TypeScript finds `x.d.ts` behind `x.js`. */
export function withJsSuffixes(declaration: string): string {
  return declaration.replace(/(\bfrom |\bimport\()"(\.[^"]*)\.ts"/g, '$1"$2.js"');
}
