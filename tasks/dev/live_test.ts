import { match, strictEqual } from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { bindingOf } from "../../lib/app/lifecycle/binding.ts";
import { liveSettings } from "../../lib/app/lifecycle/live_settings.ts";
import { modelCodeIn } from "../../lib/app/model_fingerprint.ts";
import type { LifecycleDraft } from "../../lib/core/lifecycle.ts";
import { loadPlan, type Stage } from "../../lib/mod.ts";
import { openDatabase } from "../../lib/results/mod.ts";
import { outcomeOf, type TestProject, testProject } from "../test_project.ts";

const NAME = "EquityTrendModel_v1";
const LIVE = `
models:
  EquityTrendModel_v1: { lifecycle_stage: live, budget_fraction: 0.5 }
  IndexMeanReversionModel_v1: { lifecycle_stage: paper }
  CryptoMomentumModel_v1: { lifecycle_stage: research }
trading: { venue: alpaca, account: main }
lifecycle: { live: { account: main, max_notional: 1000 } }
`;

async function withProject(proof: (project: TestProject) => Promise<void>): Promise<void> {
  const project = await testProject();
  try {
    await writeFile(`${project.folder}live.yaml`, LIVE);
    await proof(project);
  } finally {
    await project.remove();
  }
}

const REQUEST = ["live.yaml", "--confirm", "main", "--max-notional", "1000", "--once"];

Deno.test("FR-021 deno task live refuses without live models, approvals and a limit, and leaves nothing behind", () =>
  withProject(async (project) => {
    const refused = async (args: readonly string[]) => {
      const { code, stdout, stderr } = await project.run("live", args);
      strictEqual(stdout, "");
      strictEqual(stderr.trim().split("\n").length, 1, stderr);
      return { code, stderr };
    };
    const none = await refused(["--confirm", "paper", "--max-notional", "1000"]);
    strictEqual(none.code, 1);
    match(none.stderr, /^error: No model may trade in live mode: .*deno task models promote/s);
    const unsigned = await refused(REQUEST);
    strictEqual(unsigned.code, 1);
    match(
      unsigned.stderr,
      /the configuration says live, the record says research: .*deno task models show EquityTrendModel_v1 --config live\.yaml --mend/,
    );
    strictEqual((await refused(["live.yaml", "--confirm", "main"])).code, 2);
    const vague = await refused([...REQUEST.slice(0, 4), "lots"]);
    strictEqual(vague.code, 2);
    match(vague.stderr, /--max-notional: found "lots"/);
    strictEqual((await readdir(project.folder)).includes("state"), false);
  }));

Deno.test("real money is not traded with keys or hosts of paper, whoever has approved", () =>
  withProject(async (project) => {
    await promoteToLive(project);
    const run = (env: Readonly<Record<string, string>>, args = REQUEST) => {
      const { tasks } = JSON.parse(Deno.readTextFileSync(`${project.folder}deno.json`));
      return outcomeOf(
        new Deno.Command(Deno.execPath(), {
          args: [...tasks.live.command.split(" ").slice(1), ...args],
          ...{ cwd: project.folder, env: { NO_COLOR: "1", ...env } },
          ...{ stdin: "null", stdout: "piped", stderr: "piped" },
        }).spawn(),
      );
    };
    match((await run({})).stderr, /ALPACA_LIVE_KEY_ID/);
    await writeFile(`${project.folder}live.yaml`, `${LIVE}risk: { max_leverage: 0.9 }\n`);
    match((await run({})).stderr, /found 0 of 2 approvals of it under these settings/);
    await writeFile(`${project.folder}live.yaml`, LIVE);
    const paper = { ALPACA_LIVE_KEY_ID: "PK0000000000", ALPACA_LIVE_SECRET_KEY: "s" };
    match((await run(paper)).stderr, /found a key of paper trading in ALPACA_LIVE_KEY_ID/);
    await writeFile(
      `${project.folder}live.yaml`,
      `${LIVE}brokers: { alpaca: { trading_url: "https://paper-api.alpaca.markets" } }\n`,
    );
    const live = { ALPACA_LIVE_KEY_ID: "AK0000000000", ALPACA_LIVE_SECRET_KEY: "s" };
    match((await run(live)).stderr, /Cannot use the base URL of live trading at alpaca/);
  }));

/** Puts on record that two people have promoted the model as the project has it. */
async function promoteToLive(project: TestProject): Promise<void> {
  const loaded = await loadPlan([`${project.folder}live.yaml`]);
  const { fingerprint } = await modelCodeIn(project.folder, NAME);
  const run = { run_id: "r", card: "c", certificate: "d", data_fingerprint: "f" };
  const details = {
    binding: bindingOf(loaded.plan, NAME, fingerprint),
    evidence: { ...run, deflated_sharpe: 1, trials: 1, experiment_id: null, paper: "record" },
    ...{ account_number: "A1", settings: liveSettings(loaded) },
  };
  const event = (
    kind: LifecycleDraft["kind"],
    operator: string,
    [from_stage, to_stage]: readonly [Stage, Stage],
  ): LifecycleDraft => ({
    ...{ at: "2026-01-02T00:00:00.000Z", model: NAME, kind, operator, from_stage, to_stage },
    ...{ reason: "it is time", details },
  });
  await mkdir(`${project.folder}logs`, { recursive: true });
  const database = await openDatabase(`${project.folder}results/assay.db`);
  try {
    database.lifecycle(`${project.folder}logs/model_lifecycle_events.jsonl`).append([
      event("promoted", "ann", ["research", "candidate"]),
      event("promoted", "ann", ["candidate", "paper"]),
      event("approved", "ann", ["paper", "live"]),
      event("approved", "bob", ["paper", "live"]),
      event("promoted", "bob", ["paper", "live"]),
      event("written", "bob", ["paper", "live"]),
    ]);
  } finally {
    database.close();
  }
}
