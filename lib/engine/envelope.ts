import type { Fill } from "../core/orders.ts";
import type { EnvelopeName, EnvelopeRecord } from "../core/proofs.ts";
import type { RunRecord } from "../core/run_record.ts";
import type { CostRates } from "../execution/costs.ts";
import { limitExits } from "./envelope_exits.ts";
import { interestOf } from "./envelope_interest.ts";
import {
  asRecorded,
  type Assumption,
  atNextClose,
  atNextOpen,
  atNextWorst,
  type EnvelopeOrder,
  inTimeOrder,
  oneBarLater,
  wishesBehind,
} from "./envelope_orders.ts";
import { replay } from "./envelope_replay.ts";
import type { Market } from "./market.ts";

const TITLES: Readonly<Record<EnvelopeName, string>> = {
  next_open: "Next open",
  same_close: "Same close",
  next_close: "Next close",
  next_worst: "Worst of next bar",
  bar_later: "One bar later",
  double_costs: "Double costs",
  high_first: "High before low",
  low_first: "Low before high",
};

/**
 * What a run's decisions would have been worth under other fills, the run's own first. The decisions stay the run's:
 * models are not asked again, risk stays in its modes. Each fill gets another price, and the units that are the same share
 * of the member's own NAV; a purchase beyond its cash is cut, and a member with nothing left stays at 0. A fill that moves
 * to a later bar carries the newest decision before it as its index, so that nothing is held before it was bought.
 */
export function fillEnvelope(record: RunRecord, market: Market): readonly EnvelopeRecord[] {
  const fills = record.outcomes.filter((outcome) => outcome.status === "filled");
  const interest = interestOf(record, fills, market.allowBorrowing);
  const ground = { record, market, interest };
  return membersOf(record, market, fills).map(({ name, orders, rates }) => {
    const { nav, cash, fills } = replay(ground, orders, rates);
    return {
      name,
      title: TITLES[name],
      record: {
        ...withoutDecisions(record),
        nav,
        cash,
        outcomes: fills,
        fillFactors: Float64Array.from(
          fills,
          ({ asset, row }) => market.assets[asset]!.factors[row]!,
        ),
      },
    };
  });
}

const MOST_SLIPPAGE = 0.99;

/** One fill assumption with the orders that it makes of the run's fills. */
interface Member {
  readonly name: EnvelopeName;
  readonly orders: readonly EnvelopeOrder[];
  readonly rates: readonly CostRates[];
}

function membersOf(record: RunRecord, market: Market, fills: readonly Fill[]): readonly Member[] {
  const rates = market.assets.map((asset) => asset.rates);
  const doubled = rates.map(({ slippage, fee }) => ({
    // What is sold always brings something.
    slippage: Math.max(slippage, Math.min(2 * slippage, MOST_SLIPPAGE)),
    fee: 2 * fee,
  }));
  const wishes = wishesBehind(record, fills);
  const exits = limitExits(market, fills, wishes);
  const own = fills.flatMap(asRecorded);
  const moved = (name: EnvelopeName, assumption: Assumption) => (
    { name, orders: inTimeOrder(fills.flatMap(assumption)), rates }
  );
  const limitFirst = (name: "high_first" | "low_first") => ({
    name,
    orders: fills.flatMap((fill) => {
      const exit = exits.get(fill);
      return exit?.atHigh === (name === "high_first") ? exit.orders : asRecorded(fill);
    }),
    rates,
  });
  return [
    { name: market.fill, orders: own, rates },
    ...(market.fill === "same_close" ? [moved("next_open", atNextOpen(market))] : []),
    moved("next_close", atNextClose(market)),
    moved("next_worst", atNextWorst(market)),
    moved("bar_later", oneBarLater(market, wishes)),
    { name: "double_costs", orders: own, rates: doubled },
    ...(exits.size === 0 ? [] : [limitFirst("high_first"), limitFirst("low_first")]),
  ];
}

/** The record without what belongs to the run's own fills only. */
function withoutDecisions({ benchmarks: _, ...record }: RunRecord): RunRecord {
  return { ...record, wishes: [], adjustments: [], bookings: [] };
}
