import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  type LedgerFacts,
  ledgerPage,
  type VerificationFacts,
  verificationPage,
} from "./verification.ts";

const equal: VerificationFacts = {
  run_id: "33103b62f0af5dea",
  verdict: "equal",
  findings: [],
  notes: [],
  executed: true,
  files: 14,
  bytes: 1_234_567,
  duration_ms: 412.3,
};

const finding = (place: number) => ({ kind: "code", message: `module ${place} was changed` });

Deno.test("SC-008 a verified run is one line", () => {
  strictEqual(
    verificationPage(equal),
    "Run 33103b62f0af5dea: equal, 14 files, 1.2 MB, computed again in 0.41 s",
  );
  strictEqual(
    verificationPage({ ...equal, bytes: 999 }),
    "Run 33103b62f0af5dea: equal, 14 files, 999 bytes, computed again in 0.41 s",
  );
});

Deno.test("SC-008 of a run that differs a summary comes first, then each finding with its kind", () => {
  const one = { ...equal, verdict: "different", executed: false, bytes: 65_432 } as const;
  strictEqual(
    verificationPage({ ...one, findings: [finding(1)] }),
    "Run 33103b62f0af5dea: different, 1 finding (14 files, 65.4 kB, not computed again)\n" +
      "code: module 1 was changed",
  );
  const findings = Array.from({ length: 45 }, (_, place) => finding(place));
  const lines = verificationPage({ ...one, executed: true, findings }).split("\n");
  deepStrictEqual([lines.length, lines.at(-2), lines.at(-1)], [
    42,
    "code: module 39 was changed",
    "and 5 more; --json shows all",
  ]);
  strictEqual(
    lines[0],
    "Run 33103b62f0af5dea: different, 45 findings (14 files, 65.4 kB, computed again in 0.41 s)",
  );
});

Deno.test("SC-008 a note stands below the line of an equal run and below the findings of another", () => {
  const notes = ["Causality: not audited"];
  const [line, ...rest] = verificationPage({ ...equal, notes }).split("\n");
  deepStrictEqual([line, rest], [verificationPage(equal), notes]);
  const different = { ...equal, verdict: "different", findings: [finding(1)], notes } as const;
  strictEqual(verificationPage(different).split("\n").at(-1), notes[0]);
});

const intact: LedgerFacts = {
  ...{ verdict: "intact", findings: [], entries: 1, trials: 3, runs: 2 },
  head: { seq: 1, hash: "beef" },
  anchors: [],
  duration_ms: 12,
};

Deno.test("FR-049 an intact ledger is told with its newest entry, a broken one with what broke it first", () => {
  strictEqual(
    ledgerPage(intact),
    "Ledger: intact, 1 entry, 3 trials, 2 stored runs, checked in 0.01 s\nNewest entry 1: beef",
  );
  const findings = [{ kind: "ledger", message: "entry 1 was changed" }];
  strictEqual(
    ledgerPage({ ...intact, verdict: "broken", findings }),
    "Ledger: broken, 1 finding (1 entry, 3 trials, 2 stored runs, checked in 0.01 s)\n" +
      "ledger: entry 1 was changed",
  );
});

Deno.test("FR-049 who wrote a lost head down again is told whenever the ledger is checked", () => {
  const anchor = { seq: 3, written_at: "2026-01-02T03:04:05.000Z", operator: "mm", reason: "lost" };
  for (const verdict of ["intact", "broken"] as const) {
    strictEqual(
      ledgerPage({ ...intact, verdict, anchors: [anchor] }).split("\n").at(-1),
      "Entry 3: the head was lost before 2026-01-02T03:04:05.000Z, written down again by mm: lost",
    );
  }
});

Deno.test("SC-008 the page of an experiment is named by it, with what was computed again", () => {
  const facts = {
    ...{ run_id: "aa", experiment_id: "0123456789abcdef", verdict: "equal" as const, findings: [] },
    ...{ notes: [], appraised: true, executed: true, files: 9, bytes: 1_000, duration_ms: 1_500 },
  };
  strictEqual(
    verificationPage(facts),
    "Experiment 0123456789abcdef: equal, appraised again, its winner computed again in 1.50 s",
  );
  strictEqual(
    verificationPage({ ...facts, executed: false }),
    "Experiment 0123456789abcdef: equal, appraised again, in 1.50 s",
  );
});
