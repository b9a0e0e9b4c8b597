import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { type CorporateAction, DAY_MS, H4_MS } from "../../core/bars.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { openAccount, stateFile } from "../account/account.ts";
import { verifyAccount } from "../account/verify.ts";
import { testMarket } from "../test_market.ts";
import { openPaperVenue, paperRules } from "./paper_venue.ts";
import { replayQuotes } from "./replay_quotes.ts";

const FREE = { feeBps: 0, slippageBps: 0 };
const DIVIDEND: CorporateAction = { symbol: "AAA", exDate: DAY_MS, kind: "dividend", value: 2 };
const SPLIT: CorporateAction = { symbol: "AAA", exDate: 2 * DAY_MS, kind: "split", value: 4 };

/** Two days at 100 and one at 25 once four units are made of one; a clock to be moved, and an account on both. */
async function withAccount(
  actions: readonly CorporateAction[],
  proof: (stage: {
    readonly at: (time: number) => void;
    readonly account: Awaited<ReturnType<typeof openAccount>>;
    readonly venue: Awaited<ReturnType<typeof openPaperVenue>>;
    readonly known: CorporateAction[];
  }) => Promise<void>,
): Promise<void> {
  const prices = [...Array.from({ length: 13 }, () => 100), ...Array.from({ length: 6 }, () => 25)];
  const market = testMarket([{ bars: prices, ...FREE, symbol: "AAA" }]);
  const known = [...actions];
  let now = 0;
  const clock = { now: () => now, elapsed: () => now };
  await inTestFolder(async (folder) => {
    const venue = await openPaperVenue({
      ...{ name: "paper", file: `${folder}books.db`, accountNumber: "paper-1", clock },
      ...{ initialCash: "1000", assets: [{ symbol: "AAA", assetClass: "crypto", ...FREE }] },
      ...{ quotes: replayQuotes(market.assets, known), actions: known },
      rules: () => paperRules({ minOrderSize: 0.01, quantityPrecision: 2, pricePrecision: 2 }),
    });
    const account = await openAccount({
      ...{ folder: `${folder}state`, account: "main", venue, symbols: ["AAA"], clock },
      ...{ journal: { write: () => {} }, buyCostBps: 0, sleep: () => Promise.resolve() },
    });
    try {
      await account.recover();
      await proof({ at: (time) => now = time, account, venue, known });
      strictEqual((await verifyAccount(stateFile(`${folder}state`, "main"))).ok, true);
    } finally {
      await account.close();
      venue.close();
    }
  });
}

function decision(barCloseTime: number, weights: Readonly<Record<string, number>>) {
  return { barCloseTime, configHash: "c", codeHash: "d", inputsHash: "i", weights };
}

Deno.test("dividends and splits are booked before a decision where they are asked for, each once", () =>
  withAccount([DIVIDEND, SPLIT], async ({ at, account }) => {
    at(H4_MS);
    await account.execute(decision(H4_MS, { AAA: 0.5 }));
    at(2 * DAY_MS);
    for (const _ of [1, 2]) await account.bookActions();
    deepStrictEqual(account.dump().positions, { AAA: "20" });
    strictEqual(account.dump().cash, "510");
  }));

Deno.test("nothing is sent of a symbol that is held back, until it is not", () =>
  withAccount([], async ({ at, account }) => {
    at(H4_MS);
    account.holdBack(new Map([["AAA", "its prices are in doubt"]]));
    const { status, reason } = await account.execute(decision(H4_MS, { AAA: 0.5 }));
    deepStrictEqual([status, reason], ["unfinished", "blocked: AAA"]);
    deepStrictEqual(account.dump().blocked, [{ symbol: "AAA", reason: "its prices are in doubt" }]);
    deepStrictEqual(account.dump().positions, {});
    account.holdBack(new Map());
    await account.resume();
    deepStrictEqual([account.dump().blocked, account.dump().positions], [[], { AAA: "5" }]);
  }));

Deno.test("the built-in venue credits dividends and splits units, as events of the account and no drift", () =>
  withAccount([DIVIDEND, SPLIT], async ({ at, account }) => {
    at(H4_MS);
    await account.execute(decision(H4_MS, { AAA: 0.5 }));
    deepStrictEqual(account.dump().positions, { AAA: "5" });
    at(DAY_MS - 1);
    await account.recover();
    strictEqual(account.dump().cash, "500", "the ex-date has not begun");
    at(DAY_MS);
    const { differences, blocked } = await account.recover();
    deepStrictEqual({ differences, blocked }, { differences: [], blocked: [] });
    strictEqual(account.dump().cash, "510");
    at(2 * DAY_MS);
    deepStrictEqual((await account.recover()).differences, []);
    deepStrictEqual(account.dump().positions, { AAA: "20" });
    strictEqual(account.dump().cash, "510");
  }));

Deno.test("between an ex-date and the next bar the last price is that of a unit of now", () =>
  withAccount([DIVIDEND, SPLIT], async ({ at, venue }) => {
    const price = async (time: number) => (at(time), (await venue.prices(["AAA"])).AAA);
    strictEqual(await price(DAY_MS - 1), "100");
    strictEqual(await price(DAY_MS), "98");
    strictEqual(await price(DAY_MS + H4_MS), "100");
    strictEqual(await price(2 * DAY_MS), "25");
    strictEqual(await price(2 * DAY_MS + H4_MS), "25");
  }));

Deno.test("an action that becomes known late pays for what was held on its ex-date", () =>
  withAccount([], async ({ at, account, known }) => {
    at(H4_MS);
    await account.execute(decision(H4_MS, { AAA: 0.5 }));
    at(DAY_MS + H4_MS);
    await account.execute(decision(DAY_MS + H4_MS, { AAA: 0.1 }));
    known.push(DIVIDEND);
    await account.recover();
    deepStrictEqual(account.dump().positions, { AAA: "1" });
    strictEqual(account.dump().cash, "910", "900, and 2 for each of 5 units");
    await account.recover();
    strictEqual(account.dump().cash, "910", "once");
    deepStrictEqual(account.dump().blocked, []);
  }));

Deno.test("a decision that waits over a split lapses, as its units are no more", () =>
  withAccount([SPLIT], async ({ at, account, venue }) => {
    const { clock } = venue;
    Object.assign(venue, {
      clock: async (symbol?: string) => ({ ...await clock(symbol), isOpen: false }),
    });
    at(H4_MS);
    strictEqual((await account.execute(decision(H4_MS, { AAA: 0.5 }))).status, "waiting");
    Object.assign(venue, { clock });
    at(2 * DAY_MS);
    await account.recover();
    strictEqual((await account.resume()).status, "idle");
    strictEqual(account.status().lastDecision!.state, "superseded");
  }));
