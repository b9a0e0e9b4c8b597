import type { Fill } from "../core/orders.ts";
import { unitsAfter } from "./lots.ts";

/** Average entry prices, kept fill by fill. */
export interface AverageEntry {
  book(fill: Fill): void;
  /** Average price paid for what is held; NaN when flat. */
  price(asset: number): number;
}

/** Average cost: adding moves the average, reducing leaves it, turning starts anew at the fill's price. */
export function averageEntry(assets: number): AverageEntry {
  const average = new Float64Array(assets).fill(NaN);
  return {
    book({ asset, held, quantity, price }) {
      const after = unitsAfter(held, quantity, 0);
      if (after === 0) average[asset] = NaN;
      else if (held === 0 || held < 0 !== after < 0) average[asset] = price;
      else if (Math.abs(after) > Math.abs(held)) {
        average[asset] = (average[asset]! * held + price * quantity) / after;
      }
    },
    price: (asset) => average[asset]!,
  };
}
