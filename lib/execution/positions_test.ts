import { strictEqual } from "node:assert/strict";
import type { Fill } from "../core/orders.ts";
import { unitsAfter } from "./lots.ts";
import { averageEntry } from "./positions.ts";

/** Prices after each of a list of [quantity, price] fills of one asset. */
function averages(...fills: readonly (readonly [number, number])[]): string {
  const entry = averageEntry(1);
  let held = 0;
  return fills.map(([quantity, price]) => {
    entry.book({ asset: 0, held, quantity, price } as Fill);
    held = unitsAfter(held, quantity, 0);
    return entry.price(0);
  }).join();
}

Deno.test("FR-038 buying more moves the average entry, selling some leaves it", () => {
  strictEqual(averages([10, 100], [10, 200], [-15, 300], [5, 250]), "100,150,150,200");
});

Deno.test("FR-038 a position that was sold has no entry, and the next one starts anew", () => {
  strictEqual(averages([10, 100], [-10, 120], [1, 80]), "100,NaN,80");
  strictEqual(averages([0.3, 100], [-0.1, 110], [-0.2, 120], [2, 7]), "100,100,NaN,7");
});

Deno.test("FR-038 short positions average alike, and turning starts at the fill's price", () => {
  strictEqual(averages([-10, 100], [-10, 50], [5, 60], [-5, 95]), "100,75,75,80");
  strictEqual(averages([10, 100], [-15, 90], [25, 70]), "100,90,70");
});

Deno.test("FR-038 assets keep their own averages", () => {
  const entry = averageEntry(2);
  entry.book({ asset: 1, held: 0, quantity: 1, price: 5 } as Fill);
  strictEqual(entry.price(0), NaN);
  strictEqual(entry.price(1), 5);
});
