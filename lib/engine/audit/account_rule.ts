import { YEAR_MS } from "../../core/bars.ts";
import type { RunRecord } from "../../core/run_record.ts";
import type { Oddity } from "./fill_rule.ts";

// Sums in another order than the account's own.
const TOLERANCE = 1e-9;

/** Cash and NAV at the first mark at which they are not what fills, interest and closes make of the mark before. */
export function accountOddity(
  { markTimes, nav, cash, closes, outcomes }: RunRecord,
  cashRate: number,
): (Oddity & { readonly index: number })[] {
  const units = new Float64Array(closes.length);
  let money = cash[0]!;
  let next = 0;
  for (let mark = 0; mark < nav.length; mark++) {
    if (mark > 0) {
      for (; outcomes[next] && outcomes[next]!.index < mark; next++) {
        const outcome = outcomes[next]!;
        if (outcome.status !== "filled") continue;
        const { asset, held, quantity, price, fee } = outcome;
        units[asset] = quantity === -held ? 0 : held + quantity;
        money -= quantity * price + fee;
      }
      const years = (markTimes[mark]! - markTimes[mark - 1]!) / YEAR_MS;
      money += money * cashRate * years;
    }
    const size = TOLERANCE * nav[mark]!;
    if (!(Math.abs(money - cash[mark]!) <= size)) {
      return [{ index: mark, name: "cash", expected: money, found: cash[mark]! }];
    }
    money = cash[mark]!;
    let value = money;
    for (let asset = 0; asset < units.length; asset++) {
      if (units[asset] !== 0) value += units[asset]! * closes[asset]![mark]!;
    }
    if (!(Math.abs(value - nav[mark]!) <= size)) {
      return [{ index: mark, name: "NAV", expected: value, found: nav[mark]! }];
    }
  }
  return [];
}
