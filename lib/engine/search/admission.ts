import { groupDigits } from "../../core/digits.ts";
import { Refusal } from "../../core/errors.ts";
import type { Assignment, SearchSpace } from "../../core/search_space.ts";
import type { SearchOptions } from "./batch.ts";

/** Who decides whether a combination may be tried, and remembers what kept others out. */
export interface Admission {
  /** Whether there is anything to ask. */
  readonly asks: boolean;
  /** Whether it may be tried. What may not is counted. */
  admits(assignment: Assignment): boolean;
  /** How many combinations were left out so far. */
  excluded(): number;
  /** Throws Refusal that names what left out most. */
  refuseNone(): never;
}

/** Admission by the constraints of a space and the models' own checks, asked in that order. */
export function admission({ constraints }: SearchSpace, { accepts }: SearchOptions): Admission {
  const rules = [
    ...constraints.map(({ text, holds }) => ({ name: text, holds })),
    ...(accepts === undefined
      ? []
      : [{ name: "the rules of the models, budgets and limits themselves", holds: accepts }]),
  ];
  const failures = rules.map(() => 0);
  return {
    asks: rules.length > 0,
    admits(assignment) {
      const broken = rules.findIndex(({ holds }) => !holds(assignment));
      if (broken >= 0) failures[broken]!++;
      return broken < 0;
    },
    excluded: () => failures.reduce((sum, count) => sum + count, 0),
    refuseNone() {
      const worst = rules.flatMap(({ name }, i) =>
        failures[i]! > 0 ? [{ name, count: failures[i]! }] : []
      )
        .sort((a, b) => b.count - a.count)
        .map(({ name, count }) => `${name} (broken by ${groupDigits(count)})`);
      throw new Refusal(
        `experiment: no combination satisfies ${worst.join(" and ")}, expected at least one`,
      );
    },
  };
}
