import { DAY_MS, H4_MS, type Millis } from "../core/bars.ts";
import { type Book, emptyBook, sharedAfterRisk } from "./books.ts";
import { type Exact, exact, total, ZERO } from "./exact.ts";
import { closedBar, closeKnownAt, decisionTimes, openingBar } from "./market.ts";
import { capped, caps, drawdownMode, type DrawdownState, inMode, limitsInForce } from "./rules.ts";
import type { Decision } from "./orders.ts";
import type { Case, Mistake, Outcome, ReferenceFill } from "./settings.ts";
import { type Books, settleMoment } from "./settle.ts";
import { runStops } from "./stops.ts";
import { tradedAssets } from "./threshold.ts";
import {
  budgetsInForce,
  contribution,
  type Kept,
  NOTHING_KEPT,
  wantedQuantities,
  withinTradeRisk,
} from "./wishes.ts";
import { newWitness, type Witness } from "./witness.ts";

const YEAR_DAYS = 365.25;

interface Notes {
  readonly witness: Witness;
  readonly mistakes: ReadonlySet<Mistake>;
}

/** Follows the page of semantics rule by rule, slowly and in exact decimals. */
export function simulateExactly(given: Case, mistakes: readonly Mistake[] = []): Outcome {
  const { listings, models, settings } = given;
  const notes: Notes = { witness: newWitness(), mistakes: new Set(mistakes) };
  const nav = exact(settings.initialNav);
  const account = emptyBook(listings.length, nav);
  const ledgers = models.map(() => emptyBook(listings.length));
  const fills: ReferenceFill[] = [];
  const books: Books = { account, ledgers, fills };
  const marks: { time: Millis; nav: number; cash: number }[] = [];
  const mark = (time: Millis) => {
    const worth = navAt(given, account, time);
    marks.push({ time, nav: worth.toNumber(), cash: account.cash.toNumber() });
    return worth;
  };
  let kept: readonly (readonly Kept[])[] = models.map(() => listings.map(() => NOTHING_KEPT));
  let drawdown: DrawdownState = { mode: "NORMAL", peak: nav, haltedAt: NaN };
  const stopsFirst = notes.mistakes.has("stop_before_open_fill");
  for (const time of decisionTimes(settings.start, settings.end)) {
    if (time > settings.start) payInterest(account, settings.cashRate);
    const known = mark(time);
    drawdown = drawdownMode(drawdown, known, time, settings, notes);
    const made = decide(given, { time, nav: known, kept, drawdown, held: account.held }, notes);
    if (stopsFirst) made.kept = runStops(given, made.kept, time, books, notes);
    fillOrders(given, made.decision, time, books, notes);
    kept = stopsFirst ? made.kept : runStops(given, made.kept, time, books, notes);
  }
  payInterest(account, settings.cashRate);
  mark(settings.end + DAY_MS);
  const { events, smallest } = notes.witness;
  const ends = [account, ...ledgers].map(inNumbers);
  return { marks, fills, ...ends[0]!, ledgers: ends.slice(1), margin: smallest(), events };
}

function inNumbers({ cash, held }: Book) {
  return { cash: cash.toNumber(), quantities: held.map((quantity) => quantity.toNumber()) };
}

function navAt({ listings }: Case, { cash, held }: Book, time: Millis): Exact {
  return cash.plus(
    total(listings.map(({ bars }, index) => held[index]!.times(closeKnownAt(bars, time) ?? ZERO))),
  );
}

/** For one bar's time, on whatever cash the last fills left. */
function payInterest(account: Book, cashRate: number): void {
  const share = exact(cashRate).times(H4_MS).div(YEAR_DAYS * DAY_MS);
  account.cash = account.cash.plus(account.cash.times(share));
}

interface Situation {
  readonly time: Millis;
  readonly nav: Exact;
  readonly kept: readonly (readonly Kept[])[];
  readonly drawdown: DrawdownState;
  readonly held: readonly Exact[];
}

/** Models, budgets, sum, caps, drawdown mode, threshold: in the page's order. */
function decide(given: Case, situation: Situation, notes: Notes) {
  const { listings, models, settings } = given;
  const { time, nav, held, drawdown } = situation;
  const keys = given.regimeKeys(time);
  const budgets = budgetsInForce(models, settings.regimeBudgets, keys);
  const closes = listings.map(({ bars }) => closeKnownAt(bars, time));
  const kept: readonly (readonly Kept[])[] = wantedQuantities(
    given,
    situation.kept,
    { time, nav, closes, budgets },
    notes,
  );
  const price = (asset: number) => closes[asset] ?? ZERO;
  const inForce = limitsInForce(settings, keys);
  const contributions = listings.map((_, asset) =>
    models.map((_, model) => {
      const own = kept[model]![asset]!;
      const now = { budget: budgets[model]!, close: price(asset), nav };
      const weight = contribution(own, now, notes);
      return withinTradeRisk(weight, own, now.close, inForce.perTradeRisk, notes);
    })
  );
  const limits = caps(inForce, listings, notes.mistakes);
  const wanted = contributions.map(total);
  for (const [asset, weight] of wanted.entries()) {
    noteCancelled(contributions[asset]!, weight, notes);
  }
  const targets = inMode(capped(wanted, limits, notes.witness), drawdown, settings);
  const decision: Decision = {
    nav,
    closes,
    targets,
    parts: contributions.map((values, asset) => sharedAfterRisk(values, targets[asset]!)),
    traded: tradedAssets(
      targets,
      held.map((quantity, asset) => quantity.times(price(asset)).div(nav)),
      { threshold: settings.rebalanceThreshold, atFill: settings.sizing === "fill_price" },
      limits,
      notes,
    ),
  };
  return { kept, decision };
}

/** Contributions that cancel are zero here and perhaps a grain of dust in floats. */
function noteCancelled(contributions: readonly Exact[], sum: Exact, { witness }: Notes): void {
  if (contributions.some((value) => !value.isZero())) witness.margin(sum.abs());
}

/** Orders of the decision fill in the bar of its own time or lapse: the next decision replaces them. */
function fillOrders(
  { listings, settings }: Case,
  decision: Decision,
  time: Millis,
  books: Books,
  { witness, mistakes }: Notes,
): void {
  const due = listings.flatMap((listing, asset) => {
    const bar = settings.fill === "next_open"
      ? openingBar(listing, time)
      : closedBar(listing, time, settings.start);
    const unknown = decision.closes[asset] === undefined;
    if (!bar && !unknown && decision.traded[asset] && !decision.targets[asset]!.isZero()) {
      witness.saw("waited");
    }
    return bar && !unknown ? [{ asset, listing, bar }] : [];
  });
  const moments = [...new Set(due.map(({ bar }) => bar.moment))].sort((a, b) => a - b);
  if (moments.length > 1) witness.saw("two_moments");
  for (const moment of mistakes.has("one_moment") ? [NaN] : moments) {
    const group = Number.isNaN(moment) ? due : due.filter(({ bar }) => bar.moment === moment);
    // What has opened by now has a newer price than its last close.
    const open = Number.isNaN(moment) ? due : due.filter(({ bar }) => bar.moment <= moment);
    const prices = decision.closes.map((close, asset) =>
      open.find((one) => one.asset === asset)?.bar.price ?? close
    );
    const rules = { settings, witness, mistakes };
    settleMoment(decision, { trading: group, prices }, { books, rules });
  }
}
