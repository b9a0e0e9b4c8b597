import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { HOUR_MS, type Millis } from "../../core/bars.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { type PromotionRecord, readPromotions } from "../../results/mod.ts";
import { PROMOTION_TABLE } from "../../results/promotions.ts";
import { loadPlan } from "../load_plan.ts";
import { passLiveGate } from "./live_gate.ts";
import { tradedPlan } from "./traded_plan.ts";

const LIVE = [
  "models.EquityTrendModel_v1.lifecycle_stage=live",
  "trading.venue=alpaca",
  "trading.account=main",
];
const REQUEST = { confirm: "main", maxNotional: 5_000 };

async function planWith(sets: readonly string[] = LIVE) {
  return tradedPlan(await loadPlan([], { sets, models: ["EquityTrendModel_v1"] }), "live");
}

function record(configHash: string, operator: string, at: Millis, other = {}): PromotionRecord {
  return {
    ...{ model: "EquityTrendModel_v1", version: "1.0.0", configHash, paperHash: "p" },
    ...{ accountNumber: "A1", operator, at, ...other },
  };
}

Deno.test("FR-021 live trading refuses models that are not live, before anything else", async () => {
  await planWith(LIVE.slice(1)).then(
    () => strictEqual(true, false, "a refusal"),
    (error) => strictEqual(/No model may trade in live mode/.test(error.message), true),
  );
});

Deno.test("live trading needs two different people within a day, for this very configuration", async () => {
  const traded = await planWith();
  const { configHash } = traded;
  const pass = (...promotions: PromotionRecord[]) =>
    passLiveGate(traded, REQUEST, { promotions, isNotebook: false });
  const missing = (count: number) => new RegExp(`found ${count} of 2 approvals .*deno task models`);
  throws(() => pass(), missing(0));
  const first = record(configHash, "ann", 0);
  throws(() => pass(first), missing(1));
  throws(() => pass(first, record(configHash, "ann", HOUR_MS)), missing(1));
  throws(() => pass(first, record(configHash, "bob", 25 * HOUR_MS)), missing(2));
  throws(() => pass(first, record("another", "bob", 0)), missing(1));
  throws(() => pass(first, record(configHash, "bob", 0, { version: "1.0.1" })), missing(1));
  throws(() => pass(first, record(configHash, "bob", 0, { accountNumber: "A2" })), missing(2));
  throws(() => pass(first, record(configHash, "bob", 0, { paperHash: "q" })), missing(2));
  deepStrictEqual(pass(first, record(configHash, "bob", 23 * HOUR_MS)), {
    limits: { maxOrderNotional: "5000", maxGrossNotional: "5000" },
    accountNumber: "A1",
  });
});

Deno.test("live trading refuses notebooks, another account, money of 0 and simulated fills", async () => {
  const traded = await planWith();
  const promotions = ["ann", "bob"].map((who) => record(traded.configHash, who, 0));
  const pass = (request: Partial<typeof REQUEST>, isNotebook = false) => () =>
    passLiveGate(traded, { ...REQUEST, ...request }, { promotions, isNotebook });
  throws(pass({}, true), /Cannot trade live in a notebook/);
  throws(pass({ confirm: "other" }), /found "other", expected the account "main"/);
  throws(pass({ maxNotional: 0 }), /--max-notional: found 0/);
  throws(pass({ maxNotional: NaN }), /--max-notional/);
  const simulated = await planWith([LIVE[0]!]);
  throws(
    () => passLiveGate(simulated, REQUEST, { promotions, isNotebook: false }),
    /Cannot trade live at paper: found simulated fills/,
  );
});

Deno.test("approvals are read from the results database, and there are none without it", () =>
  inTestFolder(async (folder) => {
    const file = `${folder}assay.db`;
    deepStrictEqual(await readPromotions(file), []);
    const database = new DatabaseSync(file);
    deepStrictEqual(await readPromotions(file), []);
    database.exec(PROMOTION_TABLE);
    database.exec(
      "INSERT INTO live_approvals VALUES ('M', '1.0.0', 'c', 'p', 'A1', 'ann', '2026-03-02T16:00:00Z')",
    );
    database.close();
    deepStrictEqual(await readPromotions(file), [{
      ...{ model: "M", version: "1.0.0", configHash: "c", paperHash: "p", accountNumber: "A1" },
      ...{ operator: "ann", at: Date.UTC(2026, 2, 2, 16) },
    }]);
  }));
