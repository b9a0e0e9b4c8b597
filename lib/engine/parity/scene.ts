import { gridMs, type Millis } from "../../core/bars.ts";
import { Refusal } from "../../core/errors.ts";
import type { DecimalText } from "../../core/ports.ts";
import type { LinkedEvent } from "../../execution/account/mod.ts";
import type { Model } from "../../models/model.ts";
import type { Plan } from "../plan.ts";
import {
  type DecisionSight,
  foldEvents,
  parseState,
  sightAfter,
  type TradingState,
} from "../trading/mod.ts";
import type { Book } from "./book.ts";
import { type Climber, climberAt } from "./climber.ts";
import { type MarketData, withSeen } from "./data_views.ts";
import type { FollowTools } from "./follow.ts";
import { storedPrices } from "./prices.ts";
import { RUNGS } from "./rungs.ts";
import type { JournalledDecision, SessionJournal } from "./session_journal.ts";

/** A session and what it is measured against. */
export interface LadderRequest {
  readonly journal: SessionJournal;
  /** Data as they are stored now; what the session saw where nothing is stored. */
  readonly stored?: MarketData | undefined;
  readonly models: readonly Model[];
  /** Whether a venue's fills are simulated by us; on stored bars it has no quotes of its own. */
  readonly isPaperVenue: boolean;
  /** Decisions with closes in [from, until); all of them when left out. */
  readonly from?: Millis | undefined;
  readonly until?: Millis | undefined;
}

/** Everything that the climb works on. */
export interface Scene {
  readonly journal: SessionJournal;
  readonly decisions: readonly JournalledDecision[];
  readonly plan: Plan;
  readonly stepMs: number;
  readonly stored: MarketData;
  readonly models: readonly Model[];
  readonly climbers: readonly Climber[];
  readonly tools: FollowTools;
  readonly opening: Book;
  readonly closing: Closing;
  readonly closingTime: Millis;
  readonly closingSeq: number;
}

interface Closing {
  readonly seq: number;
  readonly time: Millis;
  readonly nav: DecimalText | undefined;
  readonly prices: Readonly<Record<string, DecimalText>> | undefined;
  readonly book: Book;
}

/** Lays a session out for the climb. Refuses a range without decisions. */
export function sceneOf(request: LadderRequest): Scene {
  const { journal, models, isPaperVenue, from = -Infinity, until = Infinity } = request;
  const decisions = journal.decisions.filter(({ time }) => from <= time && time < until);
  const [first] = decisions;
  if (!first) {
    throw new Refusal("Cannot compare: found no decision in the range, expected one or more");
  }
  const sights = sightsOf(journal.decisions, decisions);
  const { plan } = sights.first;
  const stored = request.stored ? withSeen(request.stored, sights.last) : sights.last;
  const closing = closingOf(journal, decisions.at(-1)!, until);
  // A decision on the last moment still has the first price after it.
  const closingTime = Math.max(closing.time, decisions.at(-1)!.time + 1);
  const everyAsset = new Map(
    [...plan.assets, ...sights.last.plan.assets].map((asset) => [asset.symbol, asset]),
  );
  const prices = storedPrices({ ...plan, assets: [...everyAsset.values()] }, stored.assets);
  const slippage = sights.last.slippageBps;
  const tools: FollowTools = {
    ...{ prices, timeframe: plan.timeframe, journal, assets: everyAsset },
    decisionAt: new Map(decisions.map((decision) => [decision.time, decision])),
    slippageBps: (symbol) => slippage[symbol] ?? 0,
    isSimulated: (decision) => isPaperVenue && sights.feedAt.get(decision) === "stored",
  };
  const state = stateBefore(first, journal.events, tools);
  const start = { book: first.book, state, time: first.time, seq: first.seq };
  return {
    ...{ journal, decisions, plan, stored, models, tools, closing, closingTime },
    ...{ stepMs: gridMs(plan.timeframe), opening: first.book, closingSeq: closing.seq },
    climbers: RUNGS.map((_, place) => climberAt(place + 1, start)),
  };
}

/** What the first and the last decision of a range saw, and on which feed each of them was made. */
function sightsOf(all: readonly JournalledDecision[], decisions: readonly JournalledDecision[]) {
  const [from, to] = [decisions[0]!.time, decisions.at(-1)!.time];
  let sight: DecisionSight | undefined;
  let first: DecisionSight | undefined;
  const feedAt = new Map<Millis, string>();
  for (const { time, sightText } of all) {
    if (time > to) break;
    sight = sightAfter(sight, sightText);
    feedAt.set(time, sight.feed);
    if (time === from) first = sight;
  }
  return { first: first!, last: sight!, feedAt };
}

/** What an operator does by the wall's clock, which may be years from a session on stored bars, and which moves nothing. */
const OF_OPERATORS: readonly string[] = ["kill_on", "kill_off"];

/** The newest mark behind the last decision; without one, what the chain came to. */
function closingOf(
  { marks, events, decisions }: SessionJournal,
  last: JournalledDecision,
  until: Millis,
): Closing {
  const next = decisions.find(({ seq }) => seq > last.seq);
  const isInside = ({ seq, time }: { readonly seq: number; readonly time: Millis }) =>
    seq > last.seq && (next === undefined || seq < next.seq) && time <= until;
  const mark = marks.findLast(isInside);
  if (mark) return mark;
  const end = events.findLast((link) => isInside(link) && !OF_OPERATORS.includes(link.event.kind));
  return {
    ...{ seq: last.seq, time: end?.time ?? last.time, nav: undefined, prices: undefined },
    book: last.book,
  };
}

/** The models' state before a decision, with everything folded in that had happened. */
export function stateBefore(
  decision: JournalledDecision,
  events: readonly LinkedEvent[],
  tools: Pick<FollowTools, "timeframe" | "slippageBps">,
): TradingState | undefined {
  if (decision.stateBefore === undefined) return undefined;
  return foldEvents(parseState(decision.stateBefore), eventsBefore(decision, events), tools);
}

/** What happened before a decision that its state has not folded in. */
export function eventsBefore(
  { settledTo, seq }: JournalledDecision,
  events: readonly LinkedEvent[],
): readonly LinkedEvent[] {
  return between(events, settledTo, seq);
}

/** Links behind `after` and before `before`; links are numbered from 1 without a gap. */
export function between(
  events: readonly LinkedEvent[],
  after: number,
  before: number,
): readonly LinkedEvent[] {
  const first = events[0]?.seq ?? 1;
  return events.slice(Math.max(0, after + 1 - first), Math.max(0, before - first));
}
