import { match, strictEqual } from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { outcomeOf, type TestProject, testProject } from "../test_project.ts";
import { putOnRecord } from "./test_promotion.ts";

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
    await putOnRecord(project, "EquityTrendModel_v1", { to: "live", config: "live.yaml" });
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
