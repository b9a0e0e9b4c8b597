import { EXECUTION } from "./execution.ts";
import { JOINS } from "./joins.ts";
import { LABELS } from "./labels.ts";
import type { Leak } from "./leak.ts";
import { MODELS_WITH_MEMORY } from "./models.ts";
import { REGIMES } from "./regimes.ts";
import { SCALING } from "./scaling.ts";
import { SELECTION } from "./selection.ts";
import { SMOOTHING } from "./smoothing.ts";

export type { Leak, LeakKind, Subject } from "./leak.ts";

/**
 * Every planted leak. What an audit of the engine's data cannot see, and what keeps it out instead:
 *
 * - A model that carries the history within itself (numbers typed in, a file read when its module was loaded, a series
 *   closed over in a notebook): no change of the data reaches them. Models of the library run in a sandbox without files,
 *   network or clock, and their features are the engine's own; a model defined in a notebook has no such walls.
 * - Knowledge that went into the code by way of its author: rules, parameters and assets chosen after having looked at
 *   the same years. The statistics of many trials answer for that, not the certificate.
 * - Data that were false when they were stored: revised values filed as if first published, symbols that were left out
 *   of the files, times of availability that are too early. The audit believes what the data say about when they
 *   became known.
 * - What may rightly look into the bar that follows an order: a stop that should have been set off inside that bar and
 *   was not.
 * - A leak that reaches only decisions further than the replayed stretch from every checkpoint. Features and regimes are
 *   compared over the whole run, wishes, risk and fills over at least 5 % of it before each checkpoint.
 */
export const LEAKS: readonly Leak[] = [
  ...LABELS,
  ...SMOOTHING,
  ...SCALING,
  ...JOINS,
  ...REGIMES,
  ...MODELS_WITH_MEMORY,
  ...EXECUTION,
  ...SELECTION,
];
