import { ok, strictEqual } from "node:assert/strict";
import type { AuditFinding, Certificate } from "../core/proofs.ts";
import { certificateLine, certificatePage } from "./certificate_page.ts";

const passed: Certificate = {
  verdict: "passed",
  seed: 1,
  checkpoints: [
    {
      time: "2024-03-01T04:00:00Z",
      why: "first trade",
      decisions: 60,
      cut: "identical",
      garbage: "identical",
    },
    {
      time: "2024-03-09T20:00:00Z",
      why: "seed",
      decisions: 1012,
      cut: "identical",
      garbage: "different",
    },
  ],
  feature_cuts: 128,
  compared: { feature_values: 681_304, regime_values: 0, decisions: 8178, orders: 401, fills: 388 },
  findings: [],
};
const finding: AuditFinding = {
  checkpoint: "2024-03-09T20:00:00Z",
  variant: "garbage",
  what: "fill",
  where: "SPY price",
  time: "2024-03-09T16:00:00Z",
  expected: "510.2",
  found: "511",
};
const failed: Certificate = {
  ...passed,
  verdict: "failed",
  findings: [
    finding,
    { ...finding, variant: "cut" },
    { ...finding, variant: "again" },
    { ...finding, variant: "rule" },
    { ...finding, what: "failure", where: "run", time: "", expected: "a run", found: "No bars" },
  ],
};

Deno.test("SC-002 a certificate in one line says how much was proved", () => {
  strictEqual(
    certificateLine(passed),
    "Causality: passed at 2 checkpoints, cut and garbage, features at 128 more " +
      "(681,304 feature values, 8,178 decisions, 388 fills)",
  );
});

Deno.test("SC-002 an optimistic certificate says why it cannot be promoted", () => {
  const line = certificateLine({ ...passed, verdict: "optimistic" });
  ok(line.startsWith("Causality: OPTIMISTIC – "));
  ok(line.endsWith("fills are at the close that the decision was made on: it cannot be promoted"));
});

Deno.test("SC-002 a failed certificate names its first finding and counts the others", () => {
  strictEqual(
    certificateLine(failed),
    "Causality: FAILED – fill of SPY price differs when all after 2024-03-09 20:00 is replaced by garbage " +
      "(and 4 more findings)",
  );
  ok(
    certificateLine({ ...failed, findings: failed.findings.slice(0, 2) }).endsWith(
      "(and 1 more finding)",
    ),
  );
  const rule = certificateLine({ ...failed, findings: [{ ...finding, variant: "rule" }] });
  ok(rule.endsWith("fill of SPY price is against the plan's rules"));
  ok(certificateLine({ ...failed, findings: [finding] }).endsWith("replaced by garbage"));
});

Deno.test("SC-002 the page shows checkpoints, what was compared and every finding in plain words", () => {
  strictEqual(
    certificatePage(failed),
    `
${certificateLine(failed)}

Checkpoint (UTC)  Why          Decisions  Cut        Garbage
--------------------------------------------------------------
2024-03-01 04:00  first trade         60  identical  identical
2024-03-09 20:00  seed             1,012  identical  different

Compared: 681,304 feature values, 0 regime values, 8,178 decisions, 401 orders, 388 fills
Features alone were cut at 128 moments

fill of SPY price at 2024-03-09 16:00: expected 510.2, found 511 when all after 2024-03-09 20:00 is replaced by garbage
fill of SPY price at 2024-03-09 16:00: expected 510.2, found 511 when all after 2024-03-09 20:00 is cut off
fill of SPY price at 2024-03-09 16:00: expected 510.2, found 511 when the run up to 2024-03-09 20:00 is made again
fill of SPY price at 2024-03-09 16:00: the plan's rules expect 510.2, found 511
the run fails when all after 2024-03-09 20:00 is replaced by garbage: No bars`
      .slice(1),
  );
  ok(certificatePage(passed).endsWith("388 fills\nFeatures alone were cut at 128 moments"));
});
