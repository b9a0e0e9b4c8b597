import type { Bars } from "../../core/bars.ts";
import type { ColumnOf } from "../../features/mod.ts";
import { type Leak, planted } from "./leak.ts";
import { ownFeature, subject } from "./subject.ts";

/** A leak in a feature of four-hour bars: the model holds what its signal is above 0 for. */
export function featureLeak(
  name: string,
  what: string,
  signal: (bars: Bars, peek: boolean, column: ColumnOf) => Float64Array,
): Leak {
  return planted(
    "feature",
    name,
    what,
    (peek) => subject({ signal: ownFeature((bars, column) => signal(bars, peek, column)) }),
  );
}
