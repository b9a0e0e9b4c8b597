import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { HOUR_MS } from "../../core/bars.ts";
import { Refusal } from "../../core/errors.ts";
import type { JournalEntry } from "../../core/ports.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { type Account, type AccountOptions, openAccount, stateFile } from "./account.ts";
import { cancelOurOrders, releaseKillSwitch, throwKillSwitch } from "./kill_switch.ts";
import { type TestVenue, testVenue } from "./test_venue.ts";
import { verifyAccount } from "./verify.ts";

const HASHES = { configHash: "c", codeHash: "d", inputsHash: "i" };
const BAR = 1_700_000_000_000;

/** Orders may be accepted for so long that none is proved absent. */
const LATE = { acceptance: 1e9, visibility: 2_000 };

/** An account that sleeps by moving its venue's clock. */
function options(
  folder: string,
  venue: TestVenue,
  { lines = [], ...changes }: Partial<AccountOptions> & { readonly lines?: JournalEntry[] } = {},
): AccountOptions {
  return {
    ...{ folder: `${folder}state`, account: "main", venue, symbols: ["BTC", "ETH"] },
    clock: { now: () => venue.time, elapsed: () => venue.time },
    sleep: (ms) => {
      venue.time += ms;
      return Promise.resolve();
    },
    journal: { write: (entry) => lines.push(entry) },
    buyCostBps: 0,
    ...changes,
  };
}

function decide(account: Account, weights: Readonly<Record<string, number>>, bar = BAR) {
  return account.execute({ barCloseTime: bar, ...HASHES, weights });
}

async function inAccount(
  venue: TestVenue,
  work: (account: Account, folder: string, lines: JournalEntry[]) => Promise<void>,
  changes: Partial<AccountOptions> = {},
): Promise<void> {
  await inTestFolder(async (folder) => {
    const lines: JournalEntry[] = [];
    const account = await openAccount(options(folder, venue, { ...changes, lines }));
    try {
      await account.recover();
      await work(account, folder, lines);
      strictEqual((await verifyAccount(stateFile(`${folder}state`, "main"))).ok, true);
    } finally {
      await account.close();
    }
  });
}

function sent(venue: TestVenue) {
  return venue.orders.map(({ side, quantity, symbol }) => `${side} ${quantity} ${symbol}`);
}

Deno.test("a decision is carried out, sells before buys, and a bar only once", () => {
  const venue = testVenue();
  return inAccount(venue, async (account) => {
    strictEqual((await decide(account, { BTC: 0.5, ETH: 0.4 })).status, "done");
    deepStrictEqual(sent(venue), ["buy 50 BTC", "buy 400 ETH"]);
    strictEqual((await decide(account, { BTC: 0.1 })).status, "idle");
    strictEqual((await decide(account, { BTC: 0.9, ETH: 0 }, BAR + 1)).status, "done");
    deepStrictEqual(sent(venue).slice(2), ["sell 400 ETH", "buy 40 BTC"]);
    const { positions, cash, kill, blocked } = account.dump();
    deepStrictEqual({ positions, cash, kill, blocked }, {
      ...{ positions: { BTC: "90" }, cash: "1000", kill: false, blocked: [] },
    });
    strictEqual(account.status().lastMark!.nav, "10000");
  });
});

Deno.test("a fee in the coin leaves the position at what the venue holds, and all of it is sold", () => {
  const venue = testVenue({ feeBps: 10 });
  return inAccount(venue, async (account) => {
    await decide(account, { BTC: 0.5 });
    strictEqual(account.dump().positions.BTC, "49.95");
    await decide(account, { BTC: 0 }, BAR + 1);
    deepStrictEqual(account.dump().positions, {});
    strictEqual(sent(venue)[1], "sell 49.95 BTC");
  });
});

Deno.test("a lost answer is looked for and never sent twice where ids can be used again", () => {
  const venue = testVenue({ fates: ["accepted, answer lost"], staleReads: 3 });
  return inAccount(venue, async (account) => {
    strictEqual((await decide(account, { BTC: 0.5 })).status, "done");
    deepStrictEqual(sent(venue), ["buy 50 BTC"]);
    strictEqual(account.dump().intents[0]!.state, "FILLED");
  });
});

Deno.test("a lost request is tried again under a new id after its absence is proved", () => {
  const venue = testVenue({ fates: ["lost"] });
  return inAccount(venue, async (account) => {
    await decide(account, { BTC: 0.5 });
    const end = await account.resume();
    ok(end.status === "done" || end.status === "idle", end.reason);
    deepStrictEqual(sent(venue), ["buy 50 BTC"]);
    deepStrictEqual(account.dump().intents.map(({ state }) => state), ["REFUSED", "FILLED"]);
  }, { timing: { lookUpMs: 10_000 } });
});

Deno.test("an order that was lost hours ago is looked for no longer than answers may lag, and proved absent", () => {
  const venue = testVenue({ fates: ["lost"] });
  return inAccount(venue, async (account) => {
    strictEqual((await decide(account, { BTC: 0.5 })).status, "unfinished");
    venue.time += 4 * HOUR_MS;
    const begun = venue.time;
    deepStrictEqual((await account.recover()).blocked, []);
    ok(venue.time - begun < 5_000, `${venue.time - begun} ms, answers lag by 2,000`);
    deepStrictEqual(account.dump().intents.map(({ state }) => state), ["REFUSED"]);
  }, { timing: { deadlineMs: 1_000 } });
});

Deno.test("what cannot be proved absent quarantines its symbol, and nothing more is sent for it", () => {
  const venue = testVenue({ fates: ["lost"], settleMs: LATE });
  return inAccount(venue, async (account) => {
    strictEqual((await decide(account, { BTC: 0.5, ETH: 0.1 })).status, "unfinished");
    deepStrictEqual(sent(venue), ["buy 100 ETH"]);
    match(account.dump().blocked[0]!.reason, /^order q1-\w{26} is unknown$/);
    await decide(account, { BTC: 0.7, ETH: 0.1 }, BAR + 1);
    deepStrictEqual(sent(venue), ["buy 100 ETH"]);
    venue.time += 2e9;
    deepStrictEqual((await account.recover()).blocked, []);
    await decide(account, { BTC: 0.7 }, BAR + 2);
    deepStrictEqual(sent(venue), ["buy 100 ETH", "buy 70 BTC"]);
  });
});

Deno.test("fills that tell how an unknown order ended free its symbol, though no look-up showed it", () => {
  const venue = testVenue({
    ...{ fates: ["accepted, answer lost"], staleReads: 1e6, settleMs: LATE },
    fillsSince: () => Promise.resolve(venue.fills.map((fill) => ({ ...fill, clientOrderId }))),
  });
  let clientOrderId = "";
  return inAccount(venue, async (account) => {
    strictEqual((await decide(account, { BTC: 0.5 })).status, "unfinished");
    ok(account.dump().blocked.some(({ reason }) => reason.endsWith(" is unknown")));
    // Only now do fills tell of it, by its name.
    clientOrderId = venue.orders[0]!.clientOrderId;
    deepStrictEqual((await account.recover()).blocked, []);
    const { intents, blocked, positions } = account.dump();
    deepStrictEqual([intents.map(({ state }) => state), blocked], [["FILLED"], []]);
    strictEqual(positions["BTC"], "50");
    await decide(account, { BTC: 0.6 }, BAR + 1);
    deepStrictEqual(sent(venue), ["buy 50 BTC", "buy 10 BTC"]);
  });
});

Deno.test("where ids are unique the same order is sent again, and a late twin does no harm", () => {
  const venue = testVenue({ idsAreUnique: true, fates: ["lost"] });
  return inAccount(venue, async (account) => {
    strictEqual((await decide(account, { BTC: 0.5 })).status, "done");
    deepStrictEqual(account.dump().intents.map(({ state }) => state), ["FILLED"]);
    venue.fates.push("accepted, answer lost");
    venue.staleReads = 2;
    strictEqual((await decide(account, { BTC: 0.6 }, BAR + 1)).status, "done");
    deepStrictEqual(sent(venue), ["buy 50 BTC", "buy 10 BTC"]);
  });
});

Deno.test("partial fills are waited for; what works at the deadline is cancelled", () => {
  const venue = testVenue({ fillShare: 0.25 });
  return inAccount(venue, async (account) => {
    strictEqual((await decide(account, { BTC: 0.5 })).status, "done");
    strictEqual(account.dump().fills.length, 4);
    venue.fillShare = 0.001;
    await decide(account, { BTC: 0.9 }, BAR + 1);
    strictEqual(account.dump().intents[1]!.state, "CANCELED");
    deepStrictEqual(account.dump().positions, venue.held);
    deepStrictEqual(account.dump().blocked, []);
  });
});

Deno.test("an order that ended without a fill is tried again, three times at most", () => {
  const venue = testVenue({ fillShare: 0, cancelsAtLook: true });
  return inAccount(venue, async (account) => {
    await decide(account, { BTC: 0.5 });
    strictEqual(venue.orders.length, 3);
    strictEqual(new Set(venue.orders.map(({ clientOrderId }) => clientOrderId)).size, 3);
    await account.resume();
    strictEqual(venue.orders.length, 3);
  });
});

Deno.test("a split while a decision is carried out ends it: nothing more is sent in units that are no more", () => {
  const venue = testVenue();
  return inAccount(venue, async (account) => {
    await decide(account, { BTC: 0.5 });
    const split = { actionId: "1", action: "split", symbol: "BTC", cash: "0" } as const;
    Object.assign(venue, { fillShare: 0, cancelsAtLook: true, time: venue.time + HOUR_MS });
    venue.onCall = (name, isAfter) => {
      if (name !== "submit" || !isAfter) return Promise.resolve();
      venue.drift("BTC", "-45");
      venue.priceOf.BTC = "1000";
      const time = venue.time;
      venue.actionsSince = () => Promise.resolve([{ ...split, units: "-45", time }]);
      return Promise.resolve();
    };
    const { status, reason } = await decide(account, { BTC: 0.6 }, BAR + 1);
    deepStrictEqual([status, reason], [
      "unfinished",
      "a split has changed the units it was sized in",
    ]);
    deepStrictEqual(sent(venue), ["buy 50 BTC", "buy 10 BTC"]);
    const { positions, blocked } = account.dump();
    deepStrictEqual([positions, blocked], [{ BTC: "5" }, []]);
    strictEqual((await account.resume()).status, "idle");
  });
});

Deno.test("a market that is closed holds its own symbols, and no other", () => {
  const venue = testVenue();
  const hours = { isOpen: false, nextOpen: null, nextClose: null };
  const { clock } = venue;
  Object.assign(venue, {
    clock: async (symbol?: string) =>
      symbol === "ETH" ? { ...hours, time: venue.time } : await clock(symbol),
  });
  return inAccount(venue, async (account) => {
    const { status, reason } = await decide(account, { BTC: 0.9, ETH: 0.6 });
    deepStrictEqual({ status, reason }, { status: "waiting", reason: "ETH: the market is closed" });
    deepStrictEqual(sent(venue), ["buy 90 BTC"], "cash is not kept for what cannot be bought");
    strictEqual((await account.resume()).status, "waiting");
    Object.assign(venue, { clock });
    strictEqual((await account.resume()).status, "done");
    deepStrictEqual(sent(venue), ["buy 90 BTC", "buy 100 ETH"]);
  });
});

Deno.test("orders and trades are told apart where a venue numbers them within a symbol", () => {
  const venue = testVenue();
  const shift = (id: string) => String(Math.ceil(Number(id.slice(1)) / 2)); // BTC and ETH have a 1 each
  const { fillsSince, submit, find } = venue;
  Object.assign(venue, {
    fillsSince: async (symbols: readonly string[], since: number) =>
      (await fillsSince(symbols, since)).map((fill) => ({
        ...{ ...fill, tradeId: shift(fill.tradeId), venueOrderId: shift(fill.venueOrderId) },
      })),
    submit: async (request: Parameters<typeof submit>[0]) => {
      const answer = await submit(request);
      if (answer.kind !== "acknowledged") return answer;
      const { order } = answer;
      return { ...answer, order: { ...order, venueOrderId: shift(order.venueOrderId) } };
    },
    find: async (id: string, symbol: string) => {
      const answer = await find(id, symbol);
      if (answer.kind !== "found") return answer;
      const { order } = answer;
      return { ...answer, order: { ...order, venueOrderId: shift(order.venueOrderId) } };
    },
  });
  return inAccount(venue, async (account) => {
    strictEqual((await decide(account, { BTC: 0.5, ETH: 0.4 })).status, "done");
    const { fills, blocked } = account.dump();
    deepStrictEqual(fills.map(({ symbol, trade_id }) => `${symbol} ${trade_id}`), [
      "BTC 1",
      "ETH 1",
    ]);
    deepStrictEqual(blocked, []);
  });
});

Deno.test("nothing is sent to a closed market; the newest decision is carried out at the open", () => {
  const venue = testVenue({ isOpen: false });
  return inAccount(venue, async (account) => {
    strictEqual((await decide(account, { BTC: 0.5 })).status, "waiting");
    strictEqual((await decide(account, { BTC: 0.3 }, BAR + 1)).status, "waiting");
    venue.isOpen = true;
    venue.nextClose = venue.time + 60_000;
    strictEqual((await account.resume()).reason, "BTC: the market is closing");
    venue.nextClose = venue.time + 60_001;
    venue.priceOf.BTC = "200"; // units are those of the decision
    strictEqual((await account.resume()).status, "done");
    deepStrictEqual(sent(venue), ["buy 30 BTC"]);
  });
});

Deno.test("FR-043 what is below the minimum is logged once, and buys fit the cash", () => {
  const venue = testVenue();
  return inAccount(venue, async (account, _folder, lines) => {
    await decide(account, { BTC: 0.0004, ETH: 0.8 });
    await account.resume();
    strictEqual(lines.filter(({ message }) => message === "skipped").length, 1);
    venue.priceOf.ETH = "20";
    await decide(account, { BTC: 0.8, ETH: 0.44444 }, BAR + 1);
    strictEqual(venue.cash.startsWith("-"), false);
    deepStrictEqual(account.dump().positions, venue.held);
  });
});

Deno.test("drift blocks its symbol until it is accepted, with a record of it; cash blocks the account", () => {
  const venue = testVenue();
  return inAccount(venue, async (account) => {
    await decide(account, { BTC: 0.5 });
    venue.drift("BTC", "7");
    deepStrictEqual((await account.recover()).differences, [
      { symbol: "BTC", expected: "50", found: "57" },
    ]);
    await decide(account, { BTC: 0.1, ETH: 0.1 }, BAR + 1);
    deepStrictEqual(sent(venue).slice(1), ["buy 107 ETH"]);
    await account.acceptDrift({ operator: "ann", reason: "bought by hand" });
    strictEqual(account.dump().positions.BTC, "57");
    venue.cash = "1";
    strictEqual((await account.recover()).blocked[0]!.symbol, "*");
    strictEqual((await decide(account, { BTC: 0 }, BAR + 2)).status, "blocked");
  });
});

Deno.test("an order that the venue shows no more, or whose fills it never shows, blocks its symbol until accepted", () => {
  const venue = testVenue({ fillShare: 0 });
  return inAccount(venue, async (account) => {
    venue.cancel = () => Promise.resolve(false);
    await decide(account, { BTC: 0.5 });
    venue.orders.length = 0; // as a test network that was wiped
    match((await account.recover()).blocked[0]!.reason, /is no longer shown$/);
    strictEqual((await decide(account, { BTC: 0.6 }, BAR + 1)).status, "unfinished");
    deepStrictEqual(sent(venue), []);
    await account.acceptDrift({ operator: "ann", reason: "wiped" });
    deepStrictEqual((await account.recover()).blocked, []);
    venue.fillShare = 1;
    strictEqual((await decide(account, { BTC: 0.6 }, BAR + 2)).status, "done");
    const fillsSince = venue.fillsSince;
    venue.fillsSince = () => Promise.resolve([]);
    await decide(account, { BTC: 0.5 }, BAR + 3);
    match(account.dump().blocked[1]!.reason, /^fills of order .* do not show|holding is/);
    await account.acceptDrift({ operator: "ann", reason: "seen on the web page" });
    venue.fillsSince = fillsSince;
    deepStrictEqual((await account.recover()).blocked, []);
    deepStrictEqual(account.dump().positions, { BTC: "50" });
    strictEqual(account.dump().fills.length, 2);
  });
});

Deno.test("orders of others are a warning, one of another instance of ours stops the account", () => {
  const venue = testVenue();
  return inAccount(venue, async (account) => {
    const order = {
      ...{ venueOrderId: "x", symbol: "BTC", side: "buy", quantity: "1", filled: "0" } as const,
      status: "working" as const,
    };
    venue.orders.push({ ...order, clientOrderId: "by hand" });
    deepStrictEqual((await account.recover()).blocked, []);
    venue.orders.push({ ...order, clientOrderId: `q1-${"a".repeat(26)}` });
    strictEqual((await account.recover()).blocked[0]!.kind, "instance");
    strictEqual((await decide(account, { ETH: 0.1 })).status, "blocked");
  });
});

Deno.test("FR-054 the kill switch stops the very next request, cancels what works, and flattens when told", () => {
  const venue = testVenue({ fillShare: 0 });
  return inAccount(venue, async (account, folder) => {
    const state = `${folder}state`;
    const order = { at: BAR, operator: "ann", reason: "test", flatten: false };
    venue.onCall = async (name, isAfter) => {
      if (name === "submit" && isAfter) await throwKillSwitch(state, order);
    };
    const end = await decide(account, { BTC: 0.5, ETH: 0.4 });
    deepStrictEqual([end.status, sent(venue)], ["killed", ["buy 50 BTC"]]);
    strictEqual(account.dump().kill, true);
    venue.orders.push({ ...venue.orders[0]!, ...{ clientOrderId: "hand", status: "working" } });
    const report = await cancelOurOrders(venue, { sleep: () => Promise.resolve() });
    deepStrictEqual([report.left.length, report.foreign.length], [0, 1]);
    venue.onCall = () => Promise.resolve();
    strictEqual((await account.resume()).status, "killed");
    venue.fillShare = 1;
    await rejects(releaseKillSwitch(state, { account: "main", confirm: "x" }), /expected the acc/);
    await releaseKillSwitch(state, { account: "main", confirm: "main" });
    await account.recover();
    strictEqual((await decide(account, { BTC: 0.5 }, BAR + 1)).status, "done");
    await throwKillSwitch(state, { ...order, flatten: true });
    strictEqual((await account.flatten()).status, "done");
    deepStrictEqual(account.dump().positions, {});
    strictEqual((await decide(account, { BTC: 0.5 }, BAR + 2)).status, "killed");
  });
});

Deno.test("a working order that cannot be cancelled counts as if it were filled already", () => {
  const venue = testVenue({ fillShare: 0 });
  const cancel = venue.cancel;
  return inAccount(venue, async (account) => {
    venue.cancel = () => Promise.resolve(false);
    strictEqual((await decide(account, { BTC: 0.5 })).status, "unfinished");
    await decide(account, { BTC: 0.5 }, BAR + 1);
    await decide(account, { BTC: 0.6 }, BAR + 2);
    deepStrictEqual(sent(venue), ["buy 50 BTC", "buy 10 BTC"]);
    venue.cancel = cancel;
    venue.fillShare = 1;
    await account.recover();
    strictEqual(account.dump().positions.BTC, "60");
  });
});

Deno.test("the first look at an account must be confirmed by a second one", () => {
  const venue = testVenue();
  const account = venue.account;
  venue.account = () => {
    venue.account = account;
    return Promise.resolve({ accountNumber: "ACC1", cash: "0", positions: {} });
  };
  return inAccount(venue, (opened) => {
    strictEqual(opened.dump().cash, "10000");
    return Promise.resolve();
  });
});

Deno.test("clocks that differ, a lost lock and limits hold orders back", () => {
  const venue = testVenue();
  return inAccount(venue, async (account, folder) => {
    await decide(account, { BTC: 0.2, ETH: 0.5 });
    deepStrictEqual(sent(venue), ["buy 20 BTC"]);
    await Deno.remove(`${folder}state/locks/binance-main.lock`);
    match((await decide(account, { BTC: 0.1 }, BAR + 1)).reason, /lock is lost/);
  }, { limits: { maxOrderNotional: "2500", maxGrossNotional: "6000" } });
});

Deno.test("a venue whose clock is a second off is not traded at", () => {
  const venue = testVenue();
  const clock = { now: () => venue.time + 1_000, elapsed: () => venue.time };
  return inAccount(venue, async (account) => {
    match((await decide(account, { BTC: 0.2 })).reason, /clock differs by -1000 ms/);
    deepStrictEqual(sent(venue), []);
  }, { clock });
});

Deno.test("FR-055 a second session of an account is refused at once, another account is not", () =>
  inAccount(testVenue(), async (_account, folder) => {
    await rejects(openAccount(options(folder, testVenue())), /another process holds/);
    const other = await openAccount({ ...options(folder, testVenue()), account: "other" });
    await other.close();
  }));

Deno.test("a broken chain, another account's keys and another venue are refused at the start", () =>
  inTestFolder(async (folder) => {
    const venue = testVenue();
    const first = await openAccount(options(folder, venue));
    await first.recover();
    await first.close();
    const strange = testVenue({
      account: () => Promise.resolve({ accountNumber: "ACC2", cash: "1", positions: {} }),
    });
    const second = await openAccount(options(folder, strange));
    await rejects(second.recover(), /found account ACC2, expected ACC1/);
    await second.close();
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(stateFile(`${folder}state`, "main"));
    database.exec("UPDATE order_event SET payload = replace(payload, '10000', '20000')");
    database.close();
    const third = await openAccount(options(folder, venue));
    await rejects(third.recover(), /row 1 of order_event is broken/);
    await third.close();
  }));

Deno.test("SC-010 every order, fill and mark is a line of the logs, with the head of the chain", () =>
  inAccount(testVenue(), async (account, _folder, lines) => {
    await decide(account, { BTC: 0.5, ETH: 0.4 }, BAR + HOUR_MS);
    const count = (component: string) =>
      lines.filter((line) => line.component === component).length;
    deepStrictEqual([count("trades"), count("performance")], [2, 1]);
    strictEqual(lines.filter(({ message }) => message === "order SUBMITTING").length, 2);
    strictEqual(lines.at(-1)!.context!.hash, account.status().head.hash);
  }));

Deno.test("a venue that cannot tell of dividends and splits now is asked another time, and it is said", () => {
  const venue = testVenue();
  return inAccount(venue, async (account, _, lines) => {
    venue.actionsSince = () => Promise.reject(new Refusal("Cannot reach binance"));
    await account.bookActions();
    deepStrictEqual([lines.at(-1)!.level, lines.at(-1)!.message], [
      "warning",
      "Cannot reach binance",
    ]);
  });
});
