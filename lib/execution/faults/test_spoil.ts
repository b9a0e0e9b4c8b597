import type { Millis } from "../../core/bars.ts";
import type { BrokerFault, ReadFault } from "./test_schedule.ts";
import type { Answer, AnswerRow } from "./test_venue.ts";

/** An answer as its faults leave it, still with status 200: rows gone, doubled or turned about. */
export function spoilt(answer: Answer, faults: readonly BrokerFault[], now: Millis): Answer {
  const missing = faults.find((fault) => fault.kind === "missing");
  if (answer.otherwise && missing && answer.otherwise.changedAt > now - missing.youngerMs) {
    return answer.otherwise.answer;
  }
  if (!answer.list) return answer;
  const rows = faults.reduce(
    (kept, fault) => spoiltRows(kept, fault as ReadFault, now),
    answer.list.rows,
  );
  const { list: _, ...rest } = answer;
  return { ...rest, body: answer.list.body(rows.map(({ row }) => row)) };
}

function spoiltRows(
  rows: readonly AnswerRow[],
  fault: ReadFault,
  now: Millis,
): readonly AnswerRow[] {
  if (fault.kind === "shuffled") return rows.toReversed();
  if (fault.kind === "duplicated") {
    const row = rows[fault.row % rows.length];
    return row === undefined ? rows : [...rows, row];
  }
  if (fault.kind !== "missing") return rows;
  const young = rows.filter(({ changedAt }) => changedAt > now - fault.youngerMs);
  const lost = young[fault.row % young.length];
  return rows.filter((row) => row !== lost);
}
