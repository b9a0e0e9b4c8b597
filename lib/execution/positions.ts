import type { Fill } from "../core/orders.ts";

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
      const after = held + quantity;
      if (held === 0 || held < 0 !== after < 0) average[asset] = after === 0 ? NaN : price;
      else if (Math.abs(after) > Math.abs(held)) {
        average[asset] = (average[asset]! * held + price * quantity) / after;
      }
      if (after === 0) average[asset] = NaN;
    },
    price: (asset) => average[asset]!,
  };
}
