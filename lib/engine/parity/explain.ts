import type { Millis } from "../../core/bars.ts";
import { formatTime } from "../../core/clock.ts";
import { canonicalJson } from "../../core/hash.ts";
import type { ParityDecisions, ParityInstance, ParityRung } from "../../core/parity_report.ts";
import { type Exact, exact, textOf } from "../../execution/account/exact.ts";
import { bookOf } from "./book.ts";
import type { DataDifference } from "./data_views.ts";
import { byHand, changeOf } from "./follow.ts";
import type { Ladder, LadderClose } from "./ladder.ts";
import { isRejected, isSkewed, referenceOf } from "./orders.ts";
import { type StoredPrices, storedPrices } from "./prices.ts";
import { type RungId, RUNGS } from "./rungs.ts";
import { type JournalledOrder, orderKey, type SessionJournal } from "./session_journal.ts";
import { backtestOrder, plannedFee, slipped, unitsOf } from "./sizes.ts";

/** A rung with its part of the difference, closing NAV less that of the rung before: the amounts add up exactly. */
export interface ExplainedRung extends Omit<ParityRung, "cents"> {
  readonly id: RungId;
}

/** How the session's decisions compare; the first difference with the rung that makes it, not yet with its title. */
export interface DecisionVerdict extends Omit<ParityDecisions, "first"> {
  readonly first: ParityInstance & { readonly rung: RungId } | undefined;
}

/** A climb in words and numbers. */
export interface Explanation {
  readonly rungs: readonly ExplainedRung[];
  readonly decisions: DecisionVerdict;
}

/** Names what every rung of a climb consists of. `codeHash` is that of the code which climbed. */
export function explain(
  ladder: Ladder,
  { journal, codeHash, isPaperVenue }: {
    readonly journal: SessionJournal;
    readonly codeHash: string;
    readonly isPaperVenue: boolean;
  },
): Explanation {
  const instances = instancesOf(ladder, journal, { codeHash, isPaperVenue });
  return {
    rungs: RUNGS.map(({ id, title, swapped }, place) => ({
      ...{ id, title, swapped, nav: ladder.navs[place + 1]! },
      amount: textOf(exact(ladder.navs[place + 1]!).sub(exact(ladder.navs[place]!))),
      instances: instances[id].toSorted((a, b) => a.time - b.time),
    })),
    decisions: verdictOf(ladder.closes, codeHash),
  };
}

function verdictOf(closes: readonly LadderClose[], codeHash: string): DecisionVerdict {
  const decided = closes.filter(({ decision }) => decision);
  const differing = decided.flatMap(({ time, decision, replay }) => {
    if (!replay || replay.isIdentical) return [];
    const was = decision!.codeHash;
    const cause = was === codeHash
      ? undefined
      : `code version changed from ${short(was)} to ${short(codeHash)}`;
    return [{ time, text: replay.reason, cause }];
  });
  const turn = closes.find(({ turns }) => turns.length > 0);
  return {
    compared: decided.length,
    identical: decided.length - differing.length,
    missed: closes.length - decided.length,
    differing,
    first: turn && { time: turn.time, ...turn.turns[0]! },
  };
}

function short(hash: string): string {
  return hash.slice(0, 12);
}

type Instances = Record<RungId, ParityInstance[]>;

function instancesOf(
  { closes, plan, data, closing }: Ladder,
  journal: SessionJournal,
  { codeHash, isPaperVenue }: { readonly codeHash: string; readonly isPaperVenue: boolean },
): Instances {
  const found = Object.fromEntries(
    RUNGS.map(({ id }) => [id, [] as ParityInstance[]]),
  ) as Instances;
  const prices = storedPrices(plan, data.assets);
  const seen = new Set<string>();
  const once = (time: Millis, { table, row, text }: DataDifference) => {
    const key = canonicalJson([table, row, text]);
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ time, text: `${table} of ${formatTime(row)} ${text}` }];
  };
  for (const close of closes) {
    const { time, decision, replay, late, revised, missed } = close;
    found.late.push(...late.flatMap((one) => once(time, one)));
    found.revised.push(...revised.flatMap((one) => once(time, one)));
    if (!decision) {
      found.missed.push({ time, text: missed! });
      continue;
    }
    if (close.hasOtherPlan) {
      found.parameters.push({ time, text: "made under another plan than the first decision" });
    }
    if (replay && !replay.isIdentical) {
      const code = decision.codeHash === codeHash ? "" : ` (code ${short(decision.codeHash)})`;
      found.code.push({ time, text: `${replay.reason}${code}` });
    }
    if (isSkewed(decision)) {
      const direction = decision.skewMs! > 0 ? "ahead of" : "behind";
      found.skew.push({
        time,
        text: `our clock was ${Math.abs(decision.skewMs!) / 1000} s ${direction} the venue's`,
      });
    }
    const options = {
      decision,
      prices,
      isSimulated: isPaperVenue && close.feed === "stored",
      close,
    };
    for (const asset of plan.assets) ordersIn(found, journal, { ...options, asset });
  }
  const range = {
    from: closes[0]!.time,
    until: closing.time,
    firstSeq: closes.find(({ decision }) => decision)!.decision!.seq,
  };
  outsideIn(found, journal, prices, range);
  return found;
}

function ordersIn(
  found: Instances,
  { orders, skips }: SessionJournal,
  { decision, prices, isSimulated, close, asset }: {
    readonly decision: NonNullable<LadderClose["decision"]>;
    readonly prices: StoredPrices;
    readonly isSimulated: boolean;
    readonly close: LadderClose;
    readonly asset: Ladder["plan"]["assets"][number];
  },
): void {
  const { time } = decision;
  const { symbol } = asset;
  const key = orderKey(time, symbol);
  const wish = close.wishes.find((one) => one.symbol === symbol);
  const order = orders.get(key);
  const skipped = skips.get(key);
  if (skipped !== undefined && !order) {
    found.rounding.push({ time, text: `${symbol} was not sent: ${skipped}` });
  }
  if (wish?.fate === "unsent" && wish.barTime !== undefined && !isSkewed(decision)) {
    found.delay.push({ time, text: `${symbol} was never sent` });
  }
  if (!order) return;
  const wanted = unitsOf(decision.weights[symbol] ?? "0", {
    ...decision,
    price: decision.prices[symbol],
  });
  const usual = backtestOrder(wanted, order.held, asset);
  if (!usual.eq(order.ordered)) {
    found.rounding.push({
      time,
      text: `${symbol}: ${brief(order.ordered)} were ordered, ${brief(usual)} by the plan's lots`,
    });
  }
  if (isRejected(order)) {
    found.rejects.push({ time, text: `${symbol}: ${order.reason || order.state}` });
  } else if (!order.filled.eq(order.ordered)) {
    found.partial.push({
      time,
      text: `${symbol}: ${brief(order.filled)} of ${brief(order.ordered)} were filled`,
    });
  }
  const [first] = order.fills;
  const bar = first && prices.openAt(symbol, first.event.time);
  if (first && bar && bar.time !== wish?.barTime && !isSkewed(decision)) {
    found.delay.push({
      time,
      text: `${symbol} was filled in the bar of ${formatTime(bar.openTime)}`,
    });
  }
  fillsIn(found, order, { prices, isSimulated, asset });
}

function fillsIn(
  found: Instances,
  order: JournalledOrder,
  { prices, isSimulated, asset }: {
    readonly prices: StoredPrices;
    readonly isSimulated: boolean;
    readonly asset: Ladder["plan"]["assets"][number];
  },
): void {
  for (const fill of order.fills) {
    const { symbol, side, time, price, quantity, fee, feeAsset } = fill.event;
    const reference = referenceOf(fill, order, { isSimulated, slippageBps: 0, prices });
    const open = prices.openAt(symbol, time)?.open;
    if (!open?.eq(reference)) {
      found.quote.push({
        time,
        text: `${symbol}: quoted ${brief(reference)}, the bar opened at ${
          open ? brief(open) : "no price"
        }`,
      });
    }
    const planned = slipped(reference, side, asset.slippageBps);
    if (!planned.eq(exact(price))) {
      found.slippage.push({
        time,
        text: `${symbol}: ${brief(exact(price))}, ${brief(planned)} by the plan's slippage`,
      });
    }
    const usual = plannedFee(exact(quantity), exact(price), asset);
    if (feeAsset === symbol || !exact(fee).sub(exact(usual)).abs().lt(exact("1e-12"))) {
      found.fees.push({
        time,
        text: `${symbol}: ${brief(exact(fee))} ${feeAsset}, ${brief(exact(usual))} USD by the plan`,
      });
    }
  }
}

/** What did not come from our own orders. */
function outsideIn(
  found: Instances,
  { events, bookBefore }: SessionJournal,
  prices: StoredPrices,
  { until, firstSeq }: { readonly until: Millis; readonly firstSeq: number },
): void {
  for (const { seq, time, event } of events) {
    if (seq < firstSeq || time > until) continue;
    if (event.kind === "corporate_action") {
      const { symbol, action, cash, units } = event;
      if (exact(cash).isZero() && exact(units).isZero()) continue; // nothing of it was held
      found.actions.push({
        time,
        text: `${symbol} ${action}`.trimStart() +
          `: ${brief(exact(cash))} USD, ${brief(exact(units))} units`,
      });
    } else if (event.kind === "anchored") {
      const { cash, units } = changeOf(bookBefore.get(seq)!, bookOf(event));
      const moved = [...units].map(([symbol, one]) => `${brief(one)} ${symbol}`);
      found.cash.push({ time, text: [`${brief(cash)} USD`, ...moved].join(", ") });
    } else if (event.kind === "adopted") {
      const change = changeOf(bookBefore.get(seq)!, bookOf(event.after));
      const { trade, transfer } = byHand(
        change,
        (symbol) => prices.lastClose(symbol, time) ?? exact("0"),
      );
      const by = `accepted by ${event.operator}: ${event.reason}`;
      for (const [symbol, units] of trade.units) {
        found.manual.push({ time, text: `${brief(units)} ${symbol}, ${by}` });
      }
      if (!transfer.cash.isZero()) {
        found.transfers.push({ time, text: `${brief(transfer.cash)} USD, ${by}` });
      }
    }
  }
}

/** Eight decimals are enough to read. */
function brief(value: Exact): string {
  return textOf(value.toDecimalPlaces(8));
}
