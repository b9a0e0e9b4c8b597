import type { Escape } from "./test_escape_models.ts";
import { BOMBS, chaining, STALLS } from "./test_escapes_force.ts";
import { INSIDE } from "./test_escapes_inside.ts";
import { LOADING } from "./test_escapes_loading.ts";
import { OUTSIDE } from "./test_escapes_outside.ts";

/** Every attempt, by the name of its model. */
export const ESCAPES: readonly Escape[] = [
  ...OUTSIDE,
  ...INSIDE,
  ...LOADING,
  ...STALLS,
  ...BOMBS,
  chaining,
];
