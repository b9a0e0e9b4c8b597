import type { Millis } from "../../core/bars.ts";
import { canonicalJson } from "../../core/hash.ts";
import type { DecimalText } from "../../core/ports.ts";
import { type Exact, exact, textOf } from "../../execution/account/exact.ts";
import type { Model } from "../../models/model.ts";
import type { Plan } from "../plan.ts";
import { NothingWarm } from "../setup.ts";
import { type RunRequest, simulate } from "../simulate.ts";
import {
  type DecisionSight,
  occasionOf,
  parseState,
  sightAfter,
  stateText,
} from "../trading/mod.ts";
import { type Book, bookText, heldIn, positionsOf, worthOf } from "./book.ts";
import { bookOwnActions, type Climber, fillPending, hasSwapped, navAt } from "./climber.ts";
import {
  type DataDifference,
  type DataViews,
  dataViews,
  marketAt,
  type MarketData,
} from "./data_views.ts";
import {
  type CloseDesk,
  closeDesk,
  type DecisionAgain,
  type Replay,
  replayDecision,
} from "./decide_again.ts";
import { follow, goesAlong } from "./follow.ts";
import { fateOf } from "./orders.ts";
import { placeOf, type RungId, RUNGS } from "./rungs.ts";
import {
  between,
  eventsBefore,
  type LadderRequest,
  type Scene,
  sceneOf,
  stateBefore,
} from "./scene.ts";
import { type JournalledDecision, orderKey } from "./session_journal.ts";
import { unitsOf } from "./sizes.ts";

/** The climb from the backtest to the account. */
export interface Ladder {
  readonly opening: { readonly time: Millis; readonly nav: DecimalText };
  readonly closing: { readonly time: Millis; readonly nav: DecimalText };
  /** Closing NAV of the backtest, then of each rung. */
  readonly navs: readonly DecimalText[];
  /** Closing NAV less that of the last rung; 0 when everything is explained. */
  readonly remainder: DecimalText;
  readonly closes: readonly LadderClose[];
  /** The backtest's NAV at its marks. */
  readonly backtest: { readonly times: Float64Array; readonly nav: Float64Array };
  /** Whether the backtest could begin as the account did; with holdings from before it begins in raw units. */
  readonly beginsFlat: boolean;
  readonly plan: Plan;
  /** What it was climbed on. */
  readonly data: MarketData;
}

/** One close of the range. */
export interface LadderClose {
  readonly time: Millis;
  readonly decision: JournalledDecision | undefined;
  readonly feed: string;
  /** Why nothing was decided. */
  readonly missed: string | undefined;
  readonly replay: Replay | undefined;
  readonly late: readonly DataDifference[];
  readonly revised: readonly DataDifference[];
  readonly hasOtherPlan: boolean;
  /** The lowest rung from which on the decision at this close is another than on the rung before it, with the change. */
  readonly turns: readonly { readonly rung: RungId; readonly text: string }[];
  /** Fates of the orders by symbol, and whether the backtest had a bar for them. */
  readonly wishes: readonly Wish[];
}

/** What a decision wanted of a symbol. */
export interface Wish {
  readonly symbol: string;
  readonly fate: ReturnType<typeof fateOf>;
  /** When the backtest's bar opened; undefined when the market stayed closed until the next decision. */
  readonly barTime: Millis | undefined;
}

/** Climbs the ladder. Pure: the same journal and data give the same amounts. Refuses a range without decisions. */
export function climbLadder(request: LadderRequest): Ladder {
  const scene = sceneOf(request);
  const { decisions, journal, climbers, tools, closingTime, stepMs } = scene;
  const viewsOf = dataViews(scene.stored);
  let sight: DecisionSight | undefined;
  for (const early of journal.decisions) {
    if (early.time >= decisions[0]!.time) break;
    sight = sightAfter(sight, early.sightText);
  }
  const closes: LadderClose[] = [];
  for (let time = decisions[0]!.time; time < closingTime; time += stepMs) {
    const decision = tools.decisionAt.get(time);
    if (decision) sight = sightAfter(sight, decision.sightText);
    const views = decision ? viewsOf(time, sight!) : undefined;
    closes.push(climbClose(scene, { time, decision, views, sight: sight! }));
  }
  for (const climber of climbers) {
    advance(climber, { time: closingTime, seq: scene.closingSeq + 1 }, scene);
  }
  return summed(scene, closes);
}

/** One close for all accounts, side by side: what they have in common is computed once. */
function climbClose(
  scene: Scene,
  { time, decision, views, sight }: {
    readonly time: Millis;
    readonly decision: JournalledDecision | undefined;
    readonly views: DataViews | undefined;
    readonly sight: DecisionSight;
  },
): LadderClose {
  const { journal, models, tools, plan, climbers } = scene;
  const desk = closeDesk(models, sight);
  const isOwnPlan = planKey(sight.plan) === planKey(plan);
  const ownPlan = isOwnPlan ? plan : sight.plan;
  const replay = decision && views && replayDecision(decision, {
    ...{ desk, plan: ownPlan, data: views.seen, slippageBps: tools.slippageBps },
    events: eventsBefore(decision, journal.events),
  });
  const stored = views?.stored ?? marketAt(scene.stored, time);
  const made = climbers.map((climber): DecisionAgain | undefined => {
    if (!decision && hasSwapped(climber, "missed")) return undefined;
    advance(climber, { time, seq: decision?.seq ?? climber.seq }, scene);
    const data = views ? viewFor(climber, views) : stored;
    const under = hasSwapped(climber, "parameters") ? ownPlan : plan;
    const again = decideOn(climber, { time, desk, plan: under, data });
    const taken = decision && replay && !replay.isIdentical && hasSwapped(climber, "code")
      ? asItWasMade(decision, again, { climber, plan: under, data, scene })
      : again;
    climber.state = taken.state;
    schedule(climber, { time, decision, taken }, scene);
    return taken;
  });
  return {
    ...{
      time,
      decision,
      replay,
      feed: sight.feed,
      late: views?.late ?? [],
      revised: views?.revised ?? [],
    },
    missed: decision ? undefined : journal.missed.get(time) ?? "the session did not run",
    hasOtherPlan: !isOwnPlan,
    turns: turnsOf(made),
    wishes: decision ? wishesOf(scene, decision) : [],
  };
}

function viewFor(climber: Climber, { stored, arrived, seen }: DataViews): MarketData {
  if (hasSwapped(climber, "revised")) return seen;
  return hasSwapped(climber, "late") ? arrived : stored;
}

/** What decides, as text: a plan's range and first NAV do not. */
function planKey({ start: _, end: __, initialNav: ___, ...decisive }: Plan): string {
  return canonicalJson(decisive);
}

function decideOn(
  { book, state }: Climber,
  { time, desk, plan, data }: {
    readonly time: Millis;
    readonly desk: CloseDesk;
    readonly plan: Plan;
    readonly data: MarketData;
  },
): DecisionAgain {
  return desk.decide(plan, data, occasionFor({ book, state }, { time, plan, data }));
}

function occasionFor(
  { book, state }: Pick<Climber, "book" | "state">,
  { time, plan, data }: { readonly time: Millis; readonly plan: Plan; readonly data: MarketData },
) {
  return occasionOf(plan, {
    ...{ time, cash: Number(textOf(book.cash)), positions: positionsOf(book), settled: state },
    data: data.assets,
  });
}

/** A decision that cannot be made again, with the shares of NAV that it had, on the climber's own account. */
function asItWasMade(
  decision: JournalledDecision,
  again: DecisionAgain,
  { climber, plan, data, scene }: {
    readonly climber: Climber;
    readonly plan: Plan;
    readonly data: MarketData;
    readonly scene: Scene;
  },
): DecisionAgain {
  const { weights, nav, prices, stateAfter, time } = decision;
  const recorded = parseState(stateAfter);
  const { journal, tools } = scene;
  const real = { book: decision.book, state: stateBefore(decision, journal.events, tools) };
  const textFor = (of: Pick<Climber, "book" | "state">) => {
    const { state } = occasionFor(of, { time, plan, data });
    return `${bookText(of.book)} ${state ? stateText(state) : ""}`;
  };
  if (textFor(climber) === textFor(real)) {
    return { ...again, weights, nav, prices, state: recorded, stateText: stateAfter };
  }
  const { newest, memory } = again.state;
  const state = {
    ...again.state,
    memory: { ...recorded.memory, risk: memory.risk },
    newest: { ...newest, shares: recorded.newest.shares },
  };
  return { ...again, weights, state, stateText: stateText(state) };
}

/** Puts the orders of a decision among what waits, unless they follow the session's own. */
function schedule(
  climber: Climber,
  { time, decision, taken }: {
    readonly time: Millis;
    readonly decision: JournalledDecision | undefined;
    readonly taken: DecisionAgain;
  },
  scene: Scene,
): void {
  const { journal, tools } = scene;
  const until = nextDecision(climber, time, scene);
  climber.pending = Object.keys(taken.weights).sort().flatMap((symbol) => {
    const asset = tools.assets.get(symbol)!;
    const key = orderKey(time, symbol);
    const { nav, prices } = taken;
    const target = unitsOf(taken.weights[symbol]!, { nav, price: prices[symbol] });
    climber.targets.set(key, target);
    if (decision && goesAlong(climber, decision)) {
      const fate = fateOf(journal, decision, asset);
      if (fate === "sent" || fate === "unsent") return [];
      if (fate === "small" && hasSwapped(climber, "rounding")) {
        const wanted = unitsOf(decision.weights[symbol]!, {
          ...decision,
          price: decision.prices[symbol],
        });
        const same = wanted.sub(heldIn(decision.book, symbol));
        if (target.sub(heldIn(climber.book, symbol)).eq(same)) return [];
      }
    }
    const bar = tools.prices.firstOpen(symbol, time, until);
    return bar ? [{ key, asset, target, bar }] : [];
  });
}

function nextDecision(
  climber: Climber,
  time: Millis,
  { decisions, stepMs, closingTime }: Scene,
): Millis {
  if (!hasSwapped(climber, "missed")) return Math.min(time + stepMs, closingTime);
  return decisions.find((one) => one.time > time)?.time ?? closingTime;
}

function wishesOf(
  { tools, journal, decisions, closingTime }: Scene,
  decision: JournalledDecision,
): readonly Wish[] {
  const { time, targets } = decision;
  const until = decisions.find((one) => one.time > time)?.time ?? closingTime;
  return Object.keys(targets).sort().map((symbol) => ({
    symbol,
    fate: fateOf(journal, decision, tools.assets.get(symbol)!),
    barTime: tools.prices.firstOpen(symbol, time, until)?.time,
  }));
}

/** Lets a climber live up to a time and, where it follows the session, up to a link of its chain. */
function advance(
  climber: Climber,
  to: { readonly time: Millis; readonly seq: number },
  scene: Scene,
): void {
  const { tools, journal } = scene;
  const own = (time: Millis) => {
    fillPending(climber, time, tools);
    if (!hasSwapped(climber, "actions")) bookOwnActions(climber, time, tools);
    climber.time = Math.max(climber.time, time);
  };
  for (const link of between(journal.events, climber.seq, to.seq)) {
    own(Math.min(link.time, to.time));
    follow(climber, link, tools);
  }
  own(to.time);
  climber.seq = Math.max(climber.seq, to.seq);
  climber.time = to.time;
}

/** Where along the ladder a decision becomes another one. */
function turnsOf(made: readonly (DecisionAgain | undefined)[]): LadderClose["turns"] {
  return RUNGS.flatMap(({ id }, place) => {
    if (place === 0) return [];
    const [before, after] = [made[place - 1], made[place]];
    const [a, b] = [before, after].map((one) => one && canonicalJson(one.weights));
    if (a === b) return [];
    const text = after ? `${told(before)} became ${told(after)}` : "no decision was made";
    return [{ rung: id, text }];
  });
}

function told(made: DecisionAgain | undefined): string {
  const symbols = Object.keys(made?.weights ?? {}).sort();
  return symbols.length === 0
    ? "nothing to trade"
    : symbols.map((symbol) => `${symbol} ${made!.weights[symbol]}`).join(", ");
}

function summed(scene: Scene, closes: readonly LadderClose[]): Ladder {
  const { climbers, tools, closing, plan, opening, decisions, closingTime } = scene;
  const first = decisions[0]!;
  const openingNav = worthOf(opening, (symbol) => exact(first.prices[symbol] ?? "0"));
  const navs: Exact[] = climbers.map((climber) => navAt(climber, closing.time, tools.prices));
  const last = climbers.at(-1)!;
  const atQuotes = (book: Book) =>
    worthOf(book, (symbol) => exact(closing.prices?.[symbol] ?? "0"));
  const hasQuotes = closing.nav !== undefined && closing.prices !== undefined;
  if (hasQuotes) navs[placeOf("mark") - 1] = atQuotes(last.book);
  const closingNav = hasQuotes ? exact(closing.nav!) : navAt(closing, closing.time, tools.prices);
  const beginsFlat = [...opening.units.values()].every((units) => units.isZero()) &&
    first.stateBefore === undefined;
  const { assets: data, regimes } = scene.stored;
  const days = { ...plan, start: first.time, end: closingTime, initialNav: openingNav.toNumber() };
  const record = beginsFlat ? backtestOf({ plan: days, data, regimes }, scene.models) : undefined;
  const cold = beginsFlat ? openingNav : navs[0]!;
  const start = record ? exact(record.nav.at(-1)!) : cold;
  const all = [start, ...navs];
  return {
    opening: { time: first.time, nav: textOf(openingNav) },
    closing: { time: closing.time, nav: textOf(closingNav) },
    navs: all.map(textOf),
    remainder: textOf(closingNav.sub(all.at(-1)!)),
    backtest: record
      ? { times: record.markTimes, nav: record.nav }
      : { times: new Float64Array(0), nav: new Float64Array(0) },
    ...{ closes, beginsFlat, plan, data: scene.stored },
  };
}

/** The backtest of the range; undefined where nothing is warm in it, so that nothing can be traded. */
function backtestOf(request: RunRequest, models: readonly Model[]) {
  try {
    return simulate(request, models);
  } catch (error) {
    if (error instanceof NothingWarm) return undefined;
    throw error;
  }
}
