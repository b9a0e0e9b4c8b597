import type { Dimension, SearchSpace } from "../core/search_space.ts";
import type { LoadOptions } from "./load.ts";
import { emptyMap } from "./located.ts";
import { type Config, configSchema } from "./schema.ts";
import { writtenConstraints } from "./search_constraints.ts";

/** The space that `loadSearch` gave, from the parts of it that are plain JSON: rules are functions and are read anew. */
export function searchSpaceOf(
  config: Config,
  dimensions: readonly Dimension[],
  { models, regimeKeys }: Pick<LoadOptions, "models" | "regimeKeys">,
): SearchSpace {
  const constraints = writtenConstraints([...dimensions], {
    schema: configSchema(models, regimeKeys),
    tree: emptyMap({ source: "configuration", layer: 0 }),
    config,
    target: config.experiment?.target_model ?? null,
  });
  return { dimensions, constraints };
}
