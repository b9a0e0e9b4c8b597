import type { LeakResult } from "../core/proofs.ts";
import { NOTHING } from "./format.ts";
import { formatTable } from "./table.ts";

/** One line for each planted leak: what caught it, and whether its clean twin was accused; the count at the end. */
export function leakTable(results: readonly LeakResult[]): string {
  const rows = results.map(({ kind, what, caught, how, falseAlarm, alarm }, place) => [
    results[place - 1]?.kind === kind ? "" : kind,
    what,
    caught ? how : "NOT CAUGHT",
    falseAlarm ? alarm ?? "yes" : NOTHING,
  ]);
  const count = (is: (result: LeakResult) => boolean) =>
    `${results.filter(is).length} of ${results.length}`;
  const table = formatTable(rows, {
    header: ["Kind", "The researcher …", "Caught by", "False alarm"],
    align: ["left", "left", "left", "left"],
  });
  return `${table}\n\n${count(({ caught }) => caught)} leaks caught, ${
    count(({ falseAlarm }) => falseAlarm)
  } clean twins accused`;
}
