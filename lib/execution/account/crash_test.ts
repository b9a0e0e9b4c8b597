import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { inTestFolder } from "../../core/test_folder.ts";
import { type Account, openAccount, stateFile } from "./account.ts";
import { exact, sumOf, textOf } from "./exact.ts";
import { type SubmitFate, type TestVenue, testVenue } from "./test_venue.ts";
import { verifyAccount } from "./verify.ts";

const BAR = 1_700_000_000_000;
const DECISIONS = [{ BTC: 0.5, ETH: 0.3 }, { BTC: 0, ETH: 0.7 }];

interface Scenario {
  readonly name: string;
  readonly venue: Partial<TestVenue>;
  readonly fates?: readonly SubmitFate[];
}

const SCENARIOS: readonly Scenario[] = [
  { name: "all is well", venue: {} },
  {
    name: "fills in parts, fees in the coin, answers lost, ids can be used again",
    venue: { fillShare: 0.5, feeBps: 10 },
    fates: ["fine", "accepted, answer lost", "lost"],
  },
  {
    name: "answers are lost, ids are unique",
    venue: { idsAreUnique: true },
    fates: ["accepted, answer lost", "lost", "fine", "lost"],
  },
];

/**
 * A venue that lives on while processes die: the `n`-th step of a session never returns. A step is the moment before each
 * call, and the one after what changes something at the venue; after a read or a sleep nothing is different from before.
 */
interface World {
  readonly venue: TestVenue;
  steps: number;
  dieAt: number;
  readonly died: PromiseWithResolvers<"died">;
}

function worldOf({ venue, fates = [] }: Scenario): World {
  return {
    ...{ venue: testVenue({ ...venue, fates: [...fates] }), steps: 0, dieAt: Infinity },
    died: Promise.withResolvers<"died">(),
  };
}

function step(world: World, name: string, isAfter: boolean): Promise<void> {
  if (isAfter && name !== "submit" && name !== "cancel") return Promise.resolve();
  if (++world.steps < world.dieAt) return Promise.resolve();
  world.died.resolve("died");
  return new Promise(() => {}); // whoever waits for this is dead
}

async function openIn(folder: string, world: World): Promise<Account> {
  const { venue } = world;
  return await openAccount({
    ...{ folder: `${folder}state`, account: "main", venue, symbols: ["BTC", "ETH"] },
    clock: { now: () => venue.time, elapsed: () => venue.time },
    sleep: (ms) => {
      venue.time += ms;
      return Promise.resolve();
    },
    journal: { write: () => {} },
    ...{ timing: { lookUpMs: 10_000 }, buyCostBps: 20 },
  });
}

/** Everything from where the last process stopped to the end of the script. */
async function session(account: Account): Promise<"ended"> {
  await account.recover();
  await account.resume();
  for (const [i, weights] of DECISIONS.entries()) {
    const hashes = { configHash: "c", codeHash: "d", inputsHash: "i" };
    await account.execute({ barCloseTime: BAR + i, ...hashes, weights });
    await account.recover();
    await account.resume();
  }
  return "ended";
}

/** Runs the script with a process that dies at the given steps, one after the other, and returns how many steps were made. */
async function runWithDeaths(
  folder: string,
  world: World,
  deaths: readonly number[],
): Promise<number> {
  for (const dieAt of [...deaths, Infinity]) {
    const life: World = { ...world, steps: 0, dieAt, died: Promise.withResolvers<"died">() };
    life.venue.onCall = (name, isAfter) => step(life, name, isAfter);
    const account = await openIn(folder, life);
    try {
      await Promise.race([session(account), life.died.promise]);
    } finally {
      life.venue.onCall = () => Promise.resolve();
      if (dieAt === Infinity) check(account, life);
      await account.close();
    }
    if (dieAt === Infinity) return life.steps;
  }
  return 0;
}

function check(account: Account, { venue }: World): void {
  const { fills, intents, positions, cash, blocked } = account.dump();
  deepStrictEqual(blocked, []);
  const held = Object.keys(venue.held).sort().filter((symbol) => venue.held[symbol] !== "0")
    .map((symbol) => [symbol, venue.held[symbol]]);
  deepStrictEqual({ positions, cash }, { positions: Object.fromEntries(held), cash: venue.cash });
  deepStrictEqual(
    fills.map(({ trade_id }) => trade_id).sort(),
    venue.fills.map(({ tradeId }) => tradeId).sort(),
    "fills",
  );
  const ids = venue.orders.map(({ clientOrderId }) => clientOrderId);
  strictEqual(new Set(ids).size, ids.length, "an id was used twice");
  const known = new Map(intents.map((intent) => [intent.client_order_id, intent]));
  for (const order of venue.orders) ok(known.has(order.clientOrderId), "an order is not known");
  ok(intents.every(({ state }) => ["FILLED", "REFUSED", "CANCELED"].includes(state)));
  // No more was ever bought or sold of a symbol in one decision than its targets ask for.
  const traded = textOf(
    sumOf(
      venue.orders.map(({ filled, symbol }) => exact(filled).mul(exact(venue.priceOf[symbol]!))),
    ),
  );
  ok(exact(traded).lte(8_000 + 5_000 + 4_000), traded);
}

for (const scenario of SCENARIOS) {
  Deno.test(`a process that dies at any await loses and doubles nothing: ${scenario.name}`, async () => {
    let steps = 0;
    let whole = { cash: "", held: {} };
    await inTestFolder(async (folder) => {
      const world = worldOf(scenario);
      steps = await runWithDeaths(folder, world, []);
      whole = { cash: world.venue.cash, held: world.venue.held };
    });
    ok(steps > 40, `${steps} steps`);
    for (let dieAt = 1; dieAt <= steps; dieAt++) {
      await inTestFolder(async (folder) => {
        const world = worldOf(scenario);
        await runWithDeaths(folder, world, dieAt % 3 === 0 ? [dieAt, 1 + dieAt % 7] : [dieAt]);
        const { cash, held } = world.venue;
        if (scenario.venue.feeBps === undefined) deepStrictEqual({ cash, held }, whole, `${dieAt}`);
        strictEqual((await verifyAccount(stateFile(`${folder}state`, "main"))).ok, true);
      });
    }
  });
}
