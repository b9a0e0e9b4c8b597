import type { DecimalText } from "../../core/ports.ts";
import { exact, textOf } from "../../execution/account/exact.ts";

/** Steps between amounts, to the cent, so that what is shown adds up as it stands: each is the step between rounded amounts. */
export function centSteps(amounts: readonly DecimalText[]): readonly DecimalText[] {
  const rounded = amounts.map((amount) => exact(amount).toDecimalPlaces(2));
  return rounded.slice(1).map((amount, place) => withCents(amount.sub(rounded[place]!).toFixed(2)));
}

/** What is between two amounts, exactly. */
export function difference(from: DecimalText, to: DecimalText): DecimalText {
  return textOf(exact(to).sub(exact(from)));
}

/** Money to the cent. */
export function inCents(amount: DecimalText): DecimalText {
  return withCents(exact(amount).toFixed(2));
}

function withCents(text: string): DecimalText {
  return /^-0\.00$/.test(text) ? "0.00" : text;
}
