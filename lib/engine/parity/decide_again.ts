import { canonicalJson } from "../../core/hash.ts";
import type { Model } from "../../models/model.ts";
import type { Plan } from "../plan.ts";
import {
  decideOnce,
  foldEvents,
  type Ground,
  groundOf,
  type Occasion,
  occasionOf,
  parseState,
  planAt,
  stateText,
  type TradingDecision,
  type TradingState,
} from "../trading/mod.ts";
import type { DecisionSight } from "../trading/input_journal.ts";
import type { LinkedEvent } from "../../execution/account/mod.ts";
import { positionsOf } from "./book.ts";
import type { MarketData } from "./data_views.ts";
import type { JournalledDecision } from "./session_journal.ts";

/** A decision that was made again, in the words in which a session writes one down. */
export interface DecisionAgain {
  readonly made: TradingDecision;
  /** What the next decision takes over, with the name of the feed. */
  readonly state: TradingState;
  readonly stateText: string;
  /** Targets of what is to be traded, NAV and prices, as text. */
  readonly weights: Readonly<Record<string, string>>;
  readonly nav: string;
  readonly prices: Readonly<Record<string, string>>;
}

/** What a sight leaves of itself in the state. */
type SightMarks = Pick<DecisionSight, "feed" | "isRehearsal">;

/** Makes decisions of one close for several accounts: what they have in common is done once. */
export interface CloseDesk {
  decide(plan: Plan, data: MarketData, occasion: Occasion): DecisionAgain;
}

/** A desk for one close, which knows a decision that it has made before. */
export function closeDesk(models: readonly Model[], sight: SightMarks): CloseDesk {
  const grounds = new Map<string, Ground>();
  const known = new Map<string, DecisionAgain>();
  const numbers = new Map<object, number>();
  const numberOf = (thing: object) => {
    if (!numbers.has(thing)) numbers.set(thing, numbers.size);
    return numbers.get(thing)!;
  };
  return {
    decide(plan, data, occasion) {
      const common = `${numberOf(plan)} ${numberOf(data)} ${occasion.state ? 1 : 0}`;
      const { cash, units } = occasion.account;
      const account = [cash, ...units, occasion.state ? stateText(occasion.state) : ""].join(" ");
      const before = known.get(`${common} ${account}`);
      if (before) return before;
      const { assets, regimes } = data;
      const request = { plan: planAt(plan, occasion), data: assets, regimes };
      if (!grounds.has(common)) grounds.set(common, groundOf(request));
      const made = decideOnce(request, occasion, models, { ground: grounds.get(common)! });
      const again = written(plan, made, sight);
      known.set(`${common} ${account}`, again);
      return again;
    },
  };
}

function written(plan: Plan, made: TradingDecision, sight: SightMarks): DecisionAgain {
  const named = (values: ArrayLike<number>, isWanted: (asset: number) => boolean) =>
    Object.fromEntries(
      plan.assets.flatMap(({ symbol }, asset) =>
        isWanted(asset) ? [[symbol, String(values[asset]!)] as const] : []
      ),
    );
  const { feed, isRehearsal } = sight;
  const marks = { feed, ...(isRehearsal ? { isRehearsal } : {}) };
  const state = { ...made.state, newest: { ...made.state.newest, ...marks } };
  return {
    ...{ made, state, stateText: stateText(state), nav: String(made.nav) },
    weights: named(made.weights, (asset) => made.trade[asset] === 1),
    prices: named(made.prices, (asset) => made.prices[asset]! > 0),
  };
}

/** Whether a decision was made again bit by bit, and if not, what of it is another. */
export type Replay =
  | { readonly isIdentical: true; readonly again: DecisionAgain }
  | { readonly isIdentical: false; readonly reason: string };

/** Makes a journalled decision again from what it was made from. */
export function replayDecision(
  decision: JournalledDecision,
  { desk, plan, data, events, slippageBps }: {
    readonly desk: CloseDesk;
    readonly plan: Plan;
    readonly data: MarketData;
    /** What happened before the decision that its state has not folded in. */
    readonly events: readonly LinkedEvent[];
    slippageBps(symbol: string): number;
  },
): Replay {
  const { time, book, stateBefore } = decision;
  try {
    const settled = stateBefore === undefined
      ? undefined
      : foldEvents(parseState(stateBefore), events, { timeframe: plan.timeframe, slippageBps });
    const positions = positionsOf(book);
    const occasion = occasionOf(plan, {
      ...{ time, cash: Number(book.cash.toFixed()), positions, settled, data: data.assets },
    });
    const again = desk.decide(plan, data, occasion);
    const reason = differenceOf(decision, again);
    return reason === undefined ? { isIdentical: true, again } : { isIdentical: false, reason };
  } catch (error) {
    return { isIdentical: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** What of a decision is not as it was written down, in one line; undefined when every bit is. */
function differenceOf(
  { weights, nav, prices, stateAfter }: JournalledDecision,
  again: DecisionAgain,
): string | undefined {
  if (Number(nav) !== Number(again.nav)) return `NAV was ${nav}, is ${again.nav}`;
  const symbols = [
    ...new Set([...Object.keys(weights).sort(), ...Object.keys(again.weights).sort()]),
  ];
  const other = symbols.sort().find((symbol) =>
    numberIn(weights, symbol) !== numberIn(again.weights, symbol)
  );
  if (other !== undefined) {
    const told = (value: string | undefined) => value ?? "left alone";
    return `${other} was ${told(weights[other])}, is ${told(again.weights[other])}`;
  }
  const priced = Object.keys(again.prices).sort().find((symbol) =>
    numberIn(prices, symbol) !== numberIn(again.prices, symbol)
  );
  if (priced !== undefined) {
    return `price of ${priced} was ${prices[priced]}, is ${again.prices[priced]}`;
  }
  if (stateAfter === again.stateText) return undefined;
  return `${partThatDiffers(stateAfter, again.stateText)} of the state is another`;
}

function numberIn(texts: Readonly<Record<string, string>>, symbol: string): number | undefined {
  const text = texts[symbol];
  return text === undefined ? undefined : Number(text);
}

/** Path of the first part of two states that is not the same. */
function partThatDiffers(a: string, b: string): string {
  const parts = (text: string) => {
    const { memory, ledgers, newest, ...rest } = JSON.parse(text) as Record<string, object>;
    return { ...rest, ...memory, ...ledgers, ...newest } as Record<string, unknown>;
  };
  const [ours, theirs] = [parts(a), parts(b)];
  const names = Object.keys(theirs).sort();
  return names.find((name) =>
    canonicalJson(ours[name] ?? null) !== canonicalJson(theirs[name] ?? null)
  ) ??
    "a part";
}
