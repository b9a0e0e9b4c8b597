import { type Bars, H4_MS, type Millis } from "../../core/bars.ts";
import { isOpen } from "../../core/calendar.ts";
import { parseDate } from "../../core/clock.ts";
import type { LinkedEvent } from "../../execution/account/mod.ts";
import { openAccount } from "../../execution/account/mod.ts";
import type { Model } from "../../models/model.ts";
import { modelOf, planWith, randomAsset, seat, tradable } from "../fixtures.ts";
import type { AssetData, Plan, PlannedAsset } from "../plan.ts";
import {
  decideOnce,
  type DecisionSight,
  foldEvents,
  occasionOf,
  parseState,
  planAt,
  sightAfter,
  sightChange,
  stateText,
} from "../trading/mod.ts";
import type { MarketData } from "./data_views.ts";
import { marketAt } from "./data_views.ts";
import { storedPrices } from "./prices.ts";
import { type ScriptedVenue, scriptedVenue } from "./test_venue.ts";

const lots = { minOrderSize: 0.001, quantityPrecision: 3, feeBps: 10, slippageBps: 5 };
const ASSETS: readonly PlannedAsset[] = [
  { ...tradable("BTC"), ...lots },
  { ...tradable("ETH"), ...lots },
  { ...tradable("SPY", "equity"), ...lots, feeBps: 1, slippageBps: 2 },
];

/** Wishes that change with every digit of a price, so that no difference of data goes unseen. */
export function nervous(name: string, universe: readonly string[], size = 0.3): Model {
  return modelOf(
    name,
    universe,
    ({ assets }) =>
      Object.fromEntries(assets.map(({ symbol, price }) => {
        const digits = price * 7 % 1;
        return [symbol, Math.round(digits * 4) / 4 * size];
      })),
  );
}

const MODELS: readonly Model[] = [
  nervous("CoinsModel_v1", ["BTC", "ETH"]),
  nervous("MixModel_v1", ["ETH", "SPY"]),
];

/** The plan, models and stored data that scripted sessions trade. */
export interface Stage {
  readonly plan: Plan;
  readonly models: readonly Model[];
  readonly data: MarketData;
  readonly start: Millis;
}

/** Three assets and two models on seeded bars, which begin to trade on the 4th of March 2024. */
export function stageOf(
  { seed = 1, days = 5, dividends = false }: {
    readonly seed?: number;
    readonly days?: number;
    readonly dividends?: boolean;
  } = {},
): Stage {
  const [from, start] = [parseDate("2024-02-01"), parseDate("2024-03-04")];
  const plan = planWith(ASSETS, MODELS.map((model) => seat(model, { budgetFraction: 0.5 })), {
    ...{ start, end: start + days * 6 * H4_MS, initialNav: 100_000, rebalanceThreshold: 0.02 },
  });
  const assets = ASSETS.map((asset) =>
    payingOnly(dividends, randomAsset(asset, { from, to: start + (days + 3) * 6 * H4_MS, seed }))
  );
  return { plan, models: MODELS, data: { assets, regimes: {} }, start };
}

/** The venue of the scripts knows no splits, and dividends only where a script is about them. */
function payingOnly(dividends: boolean, data: AssetData): AssetData {
  return { ...data, actions: data.actions.filter(({ kind }) => dividends && kind === "dividend") };
}

/** What may happen at a close of a script, by its place on the clock. */
export interface Happening {
  /** Before the decision: with the venue, and what is shown to the models. */
  before?(at: {
    readonly venue: ScriptedVenue;
    readonly seen: MarketData;
  }): MarketData | void;
  readonly isMissed?: boolean;
  /** Decides with other models or parameters from here on. */
  readonly models?: readonly Model[];
  readonly plan?: Plan;
  readonly codeHash?: string;
  /** Where its bars come from, from here on; "live" until then. */
  readonly feed?: string;
  /** Something was moved by hand: it is accepted before the decision. */
  readonly accepts?: boolean;
}

/** By place on the clock, 0 the first close. */
export type Script = Readonly<Record<number, Happening>>;

/** Lives through a script with an account on a venue in memory, and returns its chain. */
export async function playScript(
  folder: string,
  { plan: base, models: first, data, start }: Stage,
  script: Script,
): Promise<readonly LinkedEvent[]> {
  let now = start;
  const clock = { now: () => now, elapsed: () => now };
  const prices = storedPrices(base, data.assets);
  const venue = scriptedVenue({
    ...{ assets: base.assets, prices, now: clock.now, cash: String(base.initialNav) },
    script: {
      ...{
        quoteBps: 0,
        slippageBps: 0,
        share: 1,
        isRejecting: false,
        isDown: false,
        isClosed: false,
      },
      ...{ feeBps: {}, step: "0.001", minQuantity: "0.001", aheadMs: 0 },
    },
  });
  const account = await openAccount({
    ...{ folder, account: "scripted", venue, clock, sleep: () => Promise.resolve() },
    symbols: base.assets.map(({ symbol }) => symbol),
    journal: { write() {} },
    buyCostBps: 16,
  });
  let [plan, models, codeHash, feed] = [base, first, "code-1", "live"];
  const seenBefore: Seen = { sight: undefined, seq: 0 };
  const known = new Set<string>();
  try {
    await account.recover();
    const closes = Math.round((base.end - base.start) / H4_MS);
    for (let place = 0; place < closes; place++) {
      now = start + place * H4_MS;
      const happening = script[place] ?? {};
      for (const { symbol, kind, exDate, value } of prices.actionsIn(start, now)) {
        if (known.has(`${symbol} ${exDate}`) || kind !== "dividend") continue;
        known.add(`${symbol} ${exDate}`);
        venue.pay(symbol, String(value));
      }
      const seen = marketAt(data, now);
      const shown = happening.before?.({ venue, seen }) ?? seen;
      if (happening.accepts) {
        await account.recover();
        await account.acceptDrift({ operator: "o", reason: "by hand" });
      }
      plan = happening.plan ?? plan;
      models = happening.models ?? models;
      codeHash = happening.codeHash ?? codeHash;
      feed = happening.feed ?? feed;
      if (happening.isMissed) account.miss(now, "nobody was there");
      else await decide(account, { plan, models, codeHash, feed, now, shown }, seenBefore);
      await later();
    }
    now = base.end;
    await account.mark();
    return account.eventsSince(0);
  } finally {
    await account.close();
  }

  /** A visit after the session has opened, as a runner makes one. */
  async function later() {
    const close = now;
    for (let minutes = 30; minutes < 240; minutes += 30) {
      if (isOpen(close) || !isOpen(close + minutes * 60_000)) continue;
      now = close + (minutes + 1) * 60_000;
      await account.resume();
      return;
    }
  }
}

/** What the chain has of the decisions before. */
interface Seen {
  sight: DecisionSight | undefined;
  seq: number;
}

async function decide(
  account: Awaited<ReturnType<typeof openAccount>>,
  { plan, models, codeHash, feed, now, shown }: {
    readonly plan: Plan;
    readonly models: readonly Model[];
    readonly codeHash: string;
    readonly feed: string;
    readonly now: Millis;
    readonly shown: MarketData;
  },
  seen: Seen,
): Promise<void> {
  for (const { seq, text } of account.inputTexts(seen.seq)) {
    Object.assign(seen, { seq, sight: sightAfter(seen.sight, text) });
  }
  const { cash, positions, head } = account.status();
  const memory = account.memory();
  const slippageBps = () => 0;
  const settled = memory &&
    foldEvents(parseState(memory.text), account.eventsSince(memory.settledTo), {
      ...{ timeframe: plan.timeframe, slippageBps },
    });
  const occasion = occasionOf(plan, {
    ...{ time: now, cash: Number(cash), positions, settled, data: shown.assets },
  });
  const { assets: data, regimes } = shown;
  const made = decideOnce({ plan: planAt(plan, occasion), data, regimes }, occasion, models);
  const own: DecisionSight = { plan, ...shown, feed, slippageBps: {} };
  const state = { ...made.state, newest: { ...made.state.newest, feed } };
  const bySymbol = (values: ArrayLike<number>, isWanted: (asset: number) => boolean) =>
    plan.assets.flatMap(({ symbol }, asset) =>
      isWanted(asset) ? [[symbol, values[asset]!] as const] : []
    );
  await account.execute({
    ...{ barCloseTime: now, configHash: "c", codeHash, inputsHash: "i", nav: String(made.nav) },
    weights: Object.fromEntries(bySymbol(made.weights, (asset) => made.trade[asset] === 1)),
    prices: Object.fromEntries(
      bySymbol(made.prices, (asset) => made.prices[asset]! > 0).map((
        [symbol, price],
      ) => [symbol, String(price)]),
    ),
    memory: { settledTo: head.seq, text: stateText(state) },
    inputs: sightChange(seen.sight, own),
  });
}

/** What a decision sees when the newest bar of a symbol has not come, or came otherwise than it will be stored. */
export function withNewestBar(
  seen: MarketData,
  symbol: string,
  change: "missing" | ((close: number) => number),
): MarketData {
  const changed = (bars: Bars): Bars => {
    const rows = bars.openTime.length - (change === "missing" ? 1 : 0);
    const cut = (column: Float64Array) => column.slice(0, rows);
    const close = cut(bars.close);
    if (change !== "missing") close[rows - 1] = change(close[rows - 1]!);
    const { symbol, timeframe } = bars;
    return {
      ...{ symbol, timeframe, openTime: cut(bars.openTime), availableAt: cut(bars.availableAt) },
      ...{
        open: cut(bars.open),
        high: cut(bars.high),
        low: cut(bars.low),
        close,
        volume: cut(bars.volume),
      },
    };
  };
  const assets = seen.assets.map((data): AssetData =>
    data.symbol === symbol ? { ...data, bars: { ...data.bars, h4: changed(data.bars.h4!) } } : data
  );
  return { ...seen, assets };
}
