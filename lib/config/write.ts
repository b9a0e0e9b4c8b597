import { stringify } from "yaml";
import { REPLACEABLE } from "./merge.ts";
import type { Config } from "./schema.ts";

/** Where a configuration comes from: facts that a reader can look up. */
export type Provenance = Readonly<Record<string, string | number | boolean | null>>;

/**
 * A complete configuration as a file that says everything itself, whatever the base says by then. `comment` stands at its
 * top, a line each.
 */
export function configText(
  config: Config,
  { name, description, provenance, comment }: {
    readonly name: string;
    readonly description: string;
    readonly provenance: Provenance;
    readonly comment: readonly string[];
  },
): string {
  // Thresholds of stages are the base's to say, whatever was searched beside them.
  const { experiment: _, lifecycle: __, ...sections } = config;
  const document = {
    replace: [...REPLACEABLE],
    experiment: { name, description, provenance },
    ...sections,
  };
  const head = comment.map((line) => line === "" ? "#" : `# ${line}`).join("\n");
  return `${head}\n\n${stringify(document, { lineWidth: 100, aliasDuplicateObjects: false })}`;
}
