import { strictEqual } from "node:assert/strict";
import type { LeakResult } from "../core/proofs.ts";
import { leakTable } from "./leak_table.ts";

const caught: LeakResult = {
  name: "z-score",
  kind: "feature",
  what: "scaled by everything",
  caught: true,
  how: "feature of M SPY z, cut at 2024-03-01 04:00",
  falseAlarm: false,
};

Deno.test("SC-002 the table of leaks tells each kind once, what caught each, and counts at the end", () => {
  const missed: LeakResult = {
    ...caught,
    what: "peeked",
    caught: false,
    how: "",
    falseAlarm: true,
    alarm: "wish of M SPY, again at 2024-03-01 04:00",
  };
  strictEqual(
    leakTable([caught, missed, { ...caught, kind: "join" }]),
    `
Kind     The researcher …      Caught by                                    False alarm
--------------------------------------------------------------------------------------------------------------------
feature  scaled by everything  feature of M SPY z, cut at 2024-03-01 04:00  –
         peeked                NOT CAUGHT                                   wish of M SPY, again at 2024-03-01 04:00
join     scaled by everything  feature of M SPY z, cut at 2024-03-01 04:00  –

2 of 3 leaks caught, 1 of 3 clean twins accused`.slice(1),
  );
});
