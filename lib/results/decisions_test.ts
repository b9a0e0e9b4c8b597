import { deepStrictEqual } from "node:assert/strict";
import { decisionCounts } from "./decisions.ts";
import { handMadeRecord, tablesOf } from "./record_fixture.ts";

const record = handMadeRecord();

Deno.test("SC-010 the decisions of a model are counted where it said anything else than before", () => {
  deepStrictEqual(decisionCounts(record), [
    { model: "A", changes: 3, first: 0, last: 2 },
    { model: "B", changes: 2, first: 1, last: 2 },
  ]);
  deepStrictEqual(decisionCounts({ ...record, wishes: [] })[0], {
    ...{ model: "A", changes: 0, first: -1, last: -1 },
  });
});

Deno.test("SC-010 keeping a quantity is no word of the model, nor is another budget; a weight anew is", () => {
  const [first] = record.wishes;
  const wishes = [
    first!,
    { ...first!, index: 1, raw: NaN },
    { ...first!, index: 2, raw: NaN, budget: 0.3 },
    { ...first!, index: 3 },
    { ...first!, index: 4, budget: 0.3 },
  ];
  deepStrictEqual(decisionCounts({ ...record, wishes })[0], {
    ...{ model: "A", changes: 2, first: 0, last: 3 },
  });
});

Deno.test("SC-010 another confidence alone is another decision, and none of the hints is lost", () => {
  const [first] = record.wishes;
  const wishes = [
    { ...first!, confidence: 0.8, urgency: "low" as const, horizonHours: 48 },
    { ...first!, index: 1, confidence: 0.7, urgency: "low" as const, horizonHours: 48 },
    { ...first!, index: 2 },
  ];
  deepStrictEqual(decisionCounts({ ...record, wishes })[0]!.changes, 3);
  const { attribution } = tablesOf({ ...record, wishes });
  deepStrictEqual(attribution.confidence, Float64Array.of(0.8, 0.7, NaN));
  deepStrictEqual(attribution.urgency, ["low", "low", ""]);
  deepStrictEqual(attribution.horizon_hours, Float64Array.of(48, 48, NaN));
});
