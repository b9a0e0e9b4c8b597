import { exactMath, noChance, noClock, noLocale } from "./machine_rules.ts";
import { fixedOrder, numberSort } from "./order_rules.ts";

const determinism: Deno.lint.Plugin = {
  name: "determinism",
  rules: {
    "exact-math": exactMath,
    "no-clock": noClock,
    "no-chance": noChance,
    "no-locale": noLocale,
    "number-sort": numberSort,
    "fixed-order": fixedOrder,
  },
};

// The linter looks for a default export.
export default determinism;
