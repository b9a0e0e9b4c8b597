import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { loadPlan } from "../load_plan.ts";
import { modelCode } from "../model_fingerprint.ts";
import { bindingOf } from "./binding.ts";
import { readEvidence, type RunEvidence } from "./evidence.ts";
import { approvalCheck, candidateChecks, type GateSubject, paperChecks } from "./gates.ts";
import { CROSS, inLifecycle } from "./test_lifecycle.ts";

/** The thresholds of the specification. */
const SETTINGS = {
  ...{ min_sharpe: 1, max_drawdown: 0.2, min_cagr: 0.1, min_trades: 20, min_years: 2 },
  min_deflated_sharpe: 0.95,
};

/** A run that passes every line exactly, made from a real one. */
async function inGate(work: (subject: GateSubject, run: RunEvidence) => void): Promise<void> {
  await inLifecycle(async (place) => {
    const { id } = await place.run();
    const { plan, config } = await loadPlan(place.file);
    const code = await modelCode(CROSS);
    const binding = bindingOf(plan, CROSS, code.fingerprint);
    const { parameters } = config.models[CROSS]!;
    const run = await readEvidence(id, place.setting.resultsRoot);
    work({ name: CROSS, binding, code, parameters }, exactly(run));
  });
}

const PER_DAY = 1 / Math.sqrt(365);

function exactly(run: RunEvidence): RunEvidence {
  const { card, deflated } = run;
  const portfolio = {
    ...card.statistics.portfolio,
    ...{ sharpe: 1, max_drawdown: 0.2, cagr: 0.1, round_trips: 20 },
    end: "2024-01-01T12:00:00Z",
  };
  const coverage = card.coverage.map((row) => ({ ...row, joins: "2022-01-01T00:00:00Z" }));
  return {
    ...run,
    card: { ...card, coverage, statistics: { ...card.statistics, portfolio } },
    deflated: { ...deflated!, deflated_sharpe: 0.95 },
    ledgerSharpe: PER_DAY,
  };
}

/** The same run with another figure in its card. */
function figure(run: RunEvidence, changes: Readonly<Record<string, unknown>>): RunEvidence {
  const { card } = run;
  const portfolio = { ...card.statistics.portfolio, ...changes };
  return {
    ...run,
    card: { ...card, statistics: { ...card.statistics, portfolio } } as typeof card,
  };
}

Deno.test("FR-019 research to candidate: every line is passed at its threshold and lacking just beyond it", () =>
  inGate((subject, run) => {
    const lacking = (changed: RunEvidence) =>
      candidateChecks(subject, changed, SETTINGS).filter(({ passed }) => !passed)
        .map(({ name, found, expected }) => `${name}: ${found}, ${expected}`);
    deepStrictEqual(lacking(run), []);
    const { certificate, deflated, card } = run;
    const cases: readonly (readonly [RunEvidence, string])[] = [
      [
        { ...figure(run, { sharpe: 0.9999 }), ledgerSharpe: 0.9999 * PER_DAY },
        "Sharpe: 0.9999, at least 1",
      ],
      [figure(run, { max_drawdown: 0.20001 }), "max drawdown: 20.001 %, at most 20 %"],
      [figure(run, { cagr: 0.0999 }), "CAGR: 9.99 %, at least 10 %"],
      [figure(run, { cagr: null }), "CAGR: undefined, at least 10 %"],
      [figure(run, { round_trips: 19 }), "trades: 19, at least 20"],
      [figure(run, { end: "2023-12-30T00:00:00Z" }), "years: 1.9932, at least 2"],
      [
        { ...run, deflated: { ...deflated!, deflated_sharpe: 0.9499, trials: 7 } },
        "deflated Sharpe after 7 trials: 0.9499, at least 0.95",
      ],
      [{ ...run, deflated: undefined }, "deflated Sharpe after 0 trials: undefined, at least 0.95"],
      [{ ...run, certificate: undefined }, "look-ahead audit: none, passed"],
      [
        { ...run, certificate: { ...certificate!, verdict: "failed" } },
        "look-ahead audit: failed, passed",
      ],
      [{ ...run, certificateDamaged: true }, "look-ahead audit: a damaged certificate, passed"],
      [
        { ...run, ledgerSharpe: 0.9 * PER_DAY },
        "trial on record: another Sharpe ratio, or none, as the card says",
      ],
      [
        { ...run, card: { ...card, sealed: false } },
        "code that a fingerprint covers: unsealed, sealed",
      ],
    ];
    for (const [changed, expected] of cases) deepStrictEqual(lacking(changed), [expected]);
    const late = { ...card, coverage: card.coverage.map((row) => ({ ...row, joins: null })) };
    deepStrictEqual(lacking({ ...run, card: late }), ["years: 0, at least 2"]);
  }));

Deno.test("FR-019 a run of other code is no evidence, and the module that differs is named", () =>
  inGate((subject, run) => {
    const path = "lib/models/moving_average_cross.ts";
    const modules = { ...run.card.code.modules, [path]: "0".repeat(16) };
    const changed = { ...run, card: { ...run.card, code: { ...run.card.code, modules } } };
    const odd = candidateChecks(subject, changed, SETTINGS).filter(({ passed }) => !passed);
    deepStrictEqual(odd.map(({ name, found }) => [name, found]), [["code", `another ${path}`]]);
    // An earlier card without modules proves nothing of its code.
    const { modules: _, ...code } = run.card.code;
    const old = candidateChecks(subject, { ...run, card: { ...run.card, code } }, SETTINGS);
    deepStrictEqual(old.filter(({ passed }) => !passed).map(({ name }) => name), ["code"]);
  }));

Deno.test("FR-019 no deflated Sharpe ratio is asked for where its threshold is null", () =>
  inGate((subject, run) => {
    const settings = { ...SETTINGS, min_deflated_sharpe: null };
    const names = candidateChecks(subject, { ...run, deflated: undefined }, settings);
    strictEqual(names.every(({ passed }) => passed), true);
  }));

Deno.test("FR-019 candidate to paper asks for a budget of the model, too", () =>
  inGate((subject) => {
    const binding = { ...subject.binding, budget: 0 };
    const checks = paperChecks({ binding }, {
      paper: { account: "paper", budget_of_live_nav: 0.1 },
    });
    deepStrictEqual(checks.filter(({ passed }) => !passed).map(({ name }) => name), [
      "budget of the model",
    ]);
  }));

Deno.test("FR-019 approvals are a line of their own", () => {
  const two = { needed: 2, hours: 24 };
  deepStrictEqual(approvalCheck([], two), {
    name: "approvals",
    found: "none",
    expected: "2 different people within 24 h",
    passed: false,
  });
  strictEqual(approvalCheck(["ada"], two).passed, false);
  strictEqual(approvalCheck(["ada", "ben"], two).passed, true);
  strictEqual(approvalCheck(["ada"], { needed: 1, hours: 24 }).expected, "1 person");
});
