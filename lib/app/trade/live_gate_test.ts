import { deepStrictEqual, throws } from "node:assert/strict";
import { wallTime } from "../../results/mod.ts";
import { HOUR_MS, type Millis } from "../../core/bars.ts";
import type { LifecycleDetails, LifecycleEvent, ModelBinding } from "../../core/lifecycle.ts";
import { liveSettings } from "../lifecycle/live_settings.ts";
import { loadPlan } from "../load_plan.ts";
import { type LiveRequest, passLiveGate } from "./live_gate.ts";
import { type TradedPlan, tradedPlan } from "./traded_plan.ts";

const NAME = "EquityTrendModel_v1";
const LIVE = [
  "trading.venue=alpaca",
  "trading.account=main",
  "lifecycle.live.account=main",
  "lifecycle.live.max_notional=5000",
];
const REQUEST: LiveRequest = { confirm: "main", maxNotional: 5_000 };

/** A plan whose record says that the model is live. */
async function planWith(sets: readonly string[] = LIVE): Promise<TradedPlan> {
  const loaded = await loadPlan([], { sets, models: [NAME] });
  return tradedPlan(loaded, {
    mode: "live",
    gate: { running: [NAME], asWritten: [], refused: [] },
  });
}

const BINDING: ModelBinding = {
  ...{ version: "1.0.0", code: "c", parameters: "p", universe: ["SPY"] },
  ...{ timeframe: "h4", missing: "ffill", budget: 1 },
};

/** What an approval says, where it is not as usual. */
interface Word extends LifecycleDetails {
  readonly seq?: number;
  readonly kind?: LifecycleEvent["kind"];
  readonly paper?: string | null;
}

function word(
  settings: string,
  operator: string,
  at: Millis,
  { seq = 9, kind = "approved", paper = "record", ...details }: Word = {},
): LifecycleEvent {
  const run = { run_id: "r", card: "c", certificate: "d", data_fingerprint: "f" };
  const figures = { deflated_sharpe: 1, trials: 1, experiment_id: null };
  return {
    ...{ seq, prev_hash: "", hash: "", at: wallTime(at), model: NAME, kind, operator },
    ...{ from_stage: "paper", to_stage: "live", reason: "it is time" },
    details: {
      ...{ binding: BINDING, evidence: { ...run, ...figures, paper }, settings },
      ...{ account_number: "A1", ...details },
    },
  };
}

Deno.test("live trading needs two different people within a day, for this model, record, account and settings", async () => {
  const traded = await planWith();
  const settings = liveSettings(traded.configured);
  const pass = (...events: LifecycleEvent[]) =>
    passLiveGate(traded, REQUEST, { events, isNotebook: false });
  const missing = (count: number) =>
    new RegExp(`found ${count} of 2 approvals .*deno task models promote .*--account NUMBER`);
  const first = word(settings, "ann", 0);
  const second = (operator: string, at: Millis, other: Word = {}) => () =>
    pass(first, word(settings, operator, at, other));
  throws(() => pass(), missing(0));
  throws(() => pass(first), missing(1));
  throws(second("Ann", HOUR_MS), missing(1));
  throws(second("bob", 25 * HOUR_MS), missing(2));
  throws(() => pass(first, word("another", "bob", 0)), missing(1));
  throws(second("bob", 0, { binding: { ...BINDING, version: "1.0.1" } }), missing(1));
  throws(second("bob", 0, { binding: { ...BINDING, code: "d" } }), missing(2));
  throws(second("bob", 0, { account_number: "A2" }), missing(2));
  throws(second("bob", 0, { paper: "another" }), missing(2));
  const unproven = ["ann", "bob"].map((who) => word(settings, who, 0, { paper: null }));
  throws(() => pass(...unproven), missing(2));
  deepStrictEqual(second("bob", 23 * HOUR_MS)(), {
    limits: { maxOrderNotional: "5000", maxGrossNotional: "5000" },
    accountNumber: "A1",
  });
});

Deno.test("approvals of a promotion before the newest one count for nothing", async () => {
  const traded = await planWith();
  const settings = liveSettings(traded.configured);
  const events = [
    word(settings, "ann", 0, { seq: 1 }),
    word(settings, "bob", 0, { seq: 2 }),
    word(settings, "bob", 0, { seq: 3, kind: "promoted" }),
    word(settings, "cat", 0, { seq: 4, kind: "demoted" }),
    word(settings, "dan", 0, { seq: 5, kind: "promoted" }),
  ];
  const pass = (count: number) => () =>
    passLiveGate(traded, REQUEST, { events: events.slice(0, count), isNotebook: false });
  deepStrictEqual(pass(3)().accountNumber, "A1");
  throws(pass(5), /found 0 of 2 approvals/);
});

Deno.test("live trading refuses notebooks, another account, too much money and simulated fills", async () => {
  const traded = await planWith();
  const events = (plan: TradedPlan) =>
    ["ann", "bob"].map((who) => word(liveSettings(plan.configured), who, 0));
  const pass = (request: Partial<LiveRequest>, isNotebook = false) => () =>
    passLiveGate(traded, { ...REQUEST, ...request }, { events: events(traded), isNotebook });
  throws(pass({}, true), /Cannot trade live in a notebook/);
  throws(pass({ confirm: "other" }), /found "other", expected the account "main"/);
  throws(pass({ maxNotional: 0 }), /--max-notional: found 0/);
  throws(pass({ maxNotional: NaN }), /--max-notional/);
  throws(
    pass({ maxNotional: 5_001 }),
    /found 5001, expected at most lifecycle\.live\.max_notional/,
  );
  const simulated = await planWith([]);
  const other = { events: events(simulated), isNotebook: false };
  throws(() => passLiveGate(simulated, REQUEST, other), /Cannot trade live at paper: found simul/);
  const locked = await planWith(LIVE.filter((set) => !set.startsWith("lifecycle.live.account")));
  throws(
    () => passLiveGate(locked, REQUEST, { events: events(locked), isNotebook: false }),
    /lifecycle\.live\.account: found null, expected "main"/,
  );
});
