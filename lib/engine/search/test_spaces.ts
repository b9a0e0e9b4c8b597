import type { Assignment, Choice, Dimension, SearchSpace } from "../../core/search_space.ts";

/** A list as a choice. */
export function list(...values: Extract<Choice, { kind: "list" }>["values"]): Choice {
  return { kind: "list", values };
}

/** A range as a choice. */
export function range(
  low: number,
  high: number,
  { whole = false, log = false }: { readonly whole?: boolean; readonly log?: boolean } = {},
): Choice {
  return { kind: "range", low, high, whole, log };
}

/** Dimensions a, b, c … with these choices, under rules that are named by their text. */
export function spaceOf(
  choices: readonly Choice[],
  rules: Readonly<Record<string, (assignment: Assignment) => boolean>> = {},
  when: Readonly<Record<number, NonNullable<Dimension["when"]>>> = {},
): SearchSpace {
  return {
    dimensions: choices.map((choice, i) => {
      const label = String.fromCharCode(97 + i);
      const conditions = when[i] === undefined ? {} : { when: when[i] };
      return { path: `models.M.parameters.${label}`, label, choice, ...conditions };
    }),
    constraints: Object.entries(rules).map(([text, holds]) => ({ text, holds })),
  };
}
