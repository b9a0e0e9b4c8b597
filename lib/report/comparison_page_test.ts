import { ok, strictEqual } from "node:assert/strict";
import { compareCards, deriveRun, type RunCard } from "../results/mod.ts";
import { cardParts, FIXTURE_ID, handMadeRecord } from "../results/record_fixture.ts";
import { runCard } from "../results/run_card.ts";
import { certificateLine } from "./certificate_page.ts";
import { comparisonPage } from "./comparison_page.ts";
import { causalityLine } from "./run_summary.ts";
import { ENVELOPE, PASSED, PROOFS } from "./test_proofs.ts";

function cardOf(run_id: string, plan: unknown, fee = 2): RunCard {
  const record = handMadeRecord();
  const outcomes = record.outcomes.map((outcome, place) =>
    place === 0 && outcome.status === "filled" ? { ...outcome, fee } : outcome
  );
  const derived = deriveRun({ ...record, outcomes });
  const parts = cardParts({ plan });
  const made = runCard({ id: FIXTURE_ID, record, derived, parts, artefacts: {} });
  return { ...JSON.parse(JSON.stringify(made)), run_id };
}

function page(...cards: readonly RunCard[]): string {
  return comparisonPage(compareCards(cards), cards);
}

Deno.test("FR-065 two runs stand side by side with the difference, and what they were made of", () => {
  const text = page(
    cardOf("aaaaaaaaaaaaaaaa", { risk: { cap: 0.4 }, long: "x".repeat(60) }),
    cardOf("bbbbbbbbbbbbbbbb", { risk: { cap: 0.3 }, extra: [1, 2] }, 3.5),
  );
  const lines = text.split("\n");
  strictEqual(lines[0], "Comparison of 2 runs");
  ok(/^ +aaaaaaaaaaaaaaaa +bbbbbbbbbbbbbbbb +Difference$/.test(lines[2]!));
  ok(/^ {2}Fees +6\.00 +7\.50 +1\.50$/m.test(text));
  ok(/^ {2}First mark +2024-01-01 00:00 +2024-01-01 00:00 +–$/m.test(text));
  ok(/^B\n\n +aaaaaaaaaaaaaaaa +bbbbbbbbbbbbbbbb +Difference$/m.test(text));
  ok(/^risk\.cap +0\.4 +0\.3$/m.test(text));
  ok(/^extra +– +\[1,2\]$/m.test(text));
  ok(/^long +x{39}… +–$/m.test(text));
  ok(
    text.includes(
      "\n\nPlan: different\nData: equal\nCode: equal\naaaaaaaaaaaaaaaa  Deflated Sharpe: ",
    ),
  );
});

Deno.test("FR-065 of three runs there is no difference column, and equal plans are said to be equal", () => {
  const text = page(...["a", "b", "c"].map((letter) => cardOf(letter.repeat(16), {})));
  ok(!text.includes("Difference"));
  ok(text.includes("\n\nThe plans are the same\n\nPlan: equal\n"));
  ok(text.split("\n").every((line) => line.length <= 100));
});

Deno.test("SC-002 beside each run stands what it can show for itself, or that it was not audited", () => {
  const cards = ["a", "b", "c"].map((letter) => cardOf(letter.repeat(16), {}));
  const text = comparisonPage(compareCards(cards), cards, {
    proofs: [PROOFS, {}, {}],
    damagedProofs: [[], [], ["certificate"]],
  });
  const lines = text.split("\n").slice(-4);
  strictEqual(lines[0], `aaaaaaaaaaaaaaaa  ${certificateLine(PASSED)}`);
  strictEqual(lines[1], `aaaaaaaaaaaaaaaa  ${ENVELOPE.headline}`);
  strictEqual(lines[2], `bbbbbbbbbbbbbbbb  ${causalityLine("b".repeat(16), {}, [])}`);
  strictEqual(lines[3], `cccccccccccccccc  ${causalityLine("c".repeat(16), {}, ["certificate"])}`);
  ok(/^ {4}95% interval +0\.5 to 2\.5 +– +–$/m.test(text), text);
});
