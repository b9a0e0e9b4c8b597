import type { CorporateAction, Millis } from "../../core/bars.ts";
import { formatDate } from "../../core/clock.ts";
import { type Exact, exact, textOf, wholeSteps, ZERO } from "../account/exact.ts";
import type { PaperLedger } from "./paper_ledger.ts";

/** Units are kept to it when a split leaves parts of one. */
const SMALLEST_UNIT = exact("0.000000001");

/**
 * Books every dividend and split since the books were made whose ex-date has begun, each once, also one that becomes known
 * late: cash or units for what was held when the ex-date began. A dividend is credited on its ex-date, as in a backtest.
 */
export function bookActions(
  ledger: PaperLedger,
  actions: readonly CorporateAction[],
  now: Millis,
): void {
  const openedAt = ledger.openedAt();
  const due = actions.filter(({ exDate }) => exDate > openedAt && exDate <= now);
  if (due.length === 0) return;
  const inOrder = due.toSorted((a, b) => a.exDate - b.exDate || (idOf(a) < idOf(b) ? -1 : 1));
  ledger.inTransaction(() => {
    const known = new Set(ledger.actionsSince(openedAt).map(({ actionId }) => actionId));
    for (const action of inOrder) if (!known.has(idOf(action))) bookOne(ledger, action, now);
  });
}

function bookOne(ledger: PaperLedger, action: CorporateAction, now: Millis): void {
  const { symbol, kind, value, exDate } = action;
  const before = heldBefore(ledger, symbol, exDate);
  const cash = kind === "dividend" ? before.mul(exact(value)) : ZERO;
  const units = kind === "split"
    ? wholeSteps(before.mul(exact(value)), SMALLEST_UNIT).sub(before)
    : ZERO;
  ledger.setCash(textOf(exact(ledger.cash()).add(cash)));
  ledger.setPosition(symbol, textOf(exact(ledger.positions()[symbol] ?? "0").add(units)));
  ledger.addAction({
    ...{ actionId: idOf(action), action: kind, symbol, cash: textOf(cash), units: textOf(units) },
    time: now,
  });
}

/** Units that were held when a date began: those of now less what was traded since. */
function heldBefore(ledger: PaperLedger, symbol: string, date: Millis): Exact {
  const traded = ledger.fillsSince(date).filter((fill) => fill.symbol === symbol)
    .map(({ side, quantity }) => side === "buy" ? exact(quantity) : exact(quantity).neg());
  return traded.reduce(
    (held, units) => held.sub(units),
    exact(ledger.positions()[symbol] ?? "0"),
  );
}

function idOf({ symbol, exDate, kind, value }: CorporateAction): string {
  return `${symbol} ${formatDate(exDate)} ${kind} ${value}`;
}
