/** One assumption of the backtest that an account did not keep. */
interface RungShape {
  readonly id: string;
  readonly title: string;
  /** What is as it was in the session from this rung on. */
  readonly swapped: string;
}

/**
 * The ladder from the backtest to the account. Each rung is an account of its own that lives through the whole range: it
 * decides with the models' own code at every close, on its own holdings, and trades, with this assumption and all before it
 * taken from the session and all behind it from the backtest. The amount of a rung is its closing NAV less that of the rung
 * before it, so the amounts add up to the difference of the first and the last account, to the last digit. Whatever follows
 * from a swap, such as other sizes at a later decision, is part of its amount.
 */
export const RUNGS = [
  {
    id: "units",
    title: "Raw units, dividends in cash",
    swapped:
      "The backtest holds total-return units in binary numbers; the account holds raw units in decimals, has dividends paid out and splits booked on their ex-date, and rounds to the plan's lots in raw units.",
  },
  {
    id: "missed",
    title: "Missed decisions",
    swapped:
      "No decision is made at closes at which the session made none; what waits goes on waiting.",
  },
  {
    id: "late",
    title: "Late bars",
    swapped:
      "Decisions do without the bars, observations and corporate actions that had not reached the session by then.",
  },
  {
    id: "revised",
    title: "Revised bars",
    swapped:
      "Decisions see the values that were seen then, where the stored ones were changed later.",
  },
  {
    id: "parameters",
    title: "Changed parameters",
    swapped:
      "Each decision is made under the plan that was in force, where the first decision of the range was made under another.",
  },
  {
    id: "code",
    title: "Changed code",
    swapped:
      "Decisions that today's code does not make again bit by bit are taken as they were made.",
  },
  {
    id: "skew",
    title: "Clock skew",
    swapped:
      "Orders of decisions made while our clock and the venue's were a second or more apart reach the market when they did, or not at all.",
  },
  {
    id: "delay",
    title: "Late and unsent orders",
    swapped:
      "All other orders are priced in the bar in which they reached the market; those that were never sent are not filled.",
  },
  {
    id: "quote",
    title: "Quote against bar price",
    swapped:
      "The price before slippage is what the venue quoted when the order left, not the open of the bar.",
  },
  {
    id: "slippage",
    title: "Slippage",
    swapped:
      "Fills have the price that was paid or received, not the quote and the slippage of the plan.",
  },
  {
    id: "rejects",
    title: "Rejected orders",
    swapped: "Orders that the venue refused are not filled.",
  },
  {
    id: "partial",
    title: "Partial fills",
    swapped: "Orders are filled by the share by which they were, not whole.",
  },
  {
    id: "rounding",
    title: "Lots, minimum sizes, cash",
    swapped:
      "Orders have the size that was sent, after the venue's lots, minimum and the cash kept for costs, not the backtest's.",
  },
  {
    id: "fees",
    title: "Fees",
    swapped: "Fees are those that were charged, not the plan's.",
  },
  {
    id: "manual",
    title: "Manual trades",
    swapped:
      "Units that came or went by hand and were accepted, at the last price known, with the money that went the other way.",
  },
  {
    id: "transfers",
    title: "Deposits and withdrawals",
    swapped:
      "Money that came or went by hand and was accepted. Not a result; listed so that the two NAVs meet.",
  },
  {
    id: "actions",
    title: "Corporate actions as booked",
    swapped:
      "Dividends and splits are booked when and as the venue did, not on the ex-date from our table.",
  },
  {
    id: "cash",
    title: "Cash, interest, venue rounding",
    swapped:
      "What the venue's own rounding, or interest, made of cash and units and was taken over without a question.",
  },
  {
    id: "mark",
    title: "Closing prices",
    swapped:
      "What is held at the end is worth what the venue quoted at the closing mark, not the last stored close.",
  },
] as const satisfies readonly RungShape[];

/** Name of a rung. */
export type RungId = typeof RUNGS[number]["id"];

/** Place of a rung on the ladder; the backtest is 0, and the account that has all swaps is the last. */
export function placeOf(id: RungId): number {
  return RUNGS.findIndex((rung) => rung.id === id) + 1;
}
