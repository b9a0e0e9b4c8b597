import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { exact, sumOf, textOf } from "./exact.ts";
import { changeOf, navOf, type Standing, targetUnits, withinCash } from "./sizing.ts";

const rules = { minQuantity: "0.01", quantityStep: "0.001", priceStep: "0.01", minNotional: "5" };

function standing(changes: Readonly<Record<string, string>>): Standing {
  const values = { target: "0", held: "0", coming: "0", price: "100", ...changes };
  return {
    symbol: "BTC",
    rules,
    target: exact(values.target),
    held: exact(values.held),
    coming: exact(values.coming),
    price: exact(values.price),
  };
}

function told(changes: Readonly<Record<string, string>>) {
  const change = changeOf(standing(changes));
  return change.kind === "dust"
    ? "dust"
    : `${change.kind} ${change.side} ${textOf(change.quantity)}`;
}

Deno.test("FR-026 units are weight × NAV ÷ price in decimals, cut toward zero to steps", () => {
  const units = (weight: string, price: string) =>
    textOf(targetUnits(exact(weight), { nav: exact("1000"), price: exact(price), rules }));
  strictEqual(units("0.3", "100"), "3");
  strictEqual(units("0.1", "3"), "33.333");
  throws(() => units("0.1", "0"), RangeError);
  strictEqual(textOf(navOf({ cash: "0.1", positions: { A: "0.2" } }, { A: "1" })), "0.3");
  throws(() => navOf({ cash: "0.1", positions: { A: "0.2" } }, {}), RangeError);
});

Deno.test("a delta counts what is held and what working orders will add", () => {
  strictEqual(told({ target: "5" }), "order buy 5");
  strictEqual(told({ target: "5", held: "2", coming: "3" }), "dust");
  strictEqual(told({ target: "5", held: "2", coming: "1" }), "order buy 2");
  strictEqual(told({ target: "0", held: "2.0015" }), "order sell 2.001");
  strictEqual(told({ target: "0", held: "2", coming: "-2" }), "dust");
  strictEqual(told({ target: "0", held: "2", coming: "1" }), "order sell 2");
});

Deno.test("FR-043 what the venue would not take is below minimum, less than a step is dust", () => {
  strictEqual(told({ target: "0.009" }), "below_minimum buy 0.009");
  strictEqual(told({ target: "0.04" }), "below_minimum buy 0.04");
  strictEqual(told({ target: "0.05" }), "order buy 0.05");
  strictEqual(told({ target: "0.0009" }), "dust");
});

Deno.test("buys share the cash by one factor, costs included", () => {
  const buy = (quantity: string) => ({
    ...{ quantity: exact(quantity), price: exact("100"), step: exact("0.001") },
  });
  const quantities = (cash: string) =>
    withinCash([buy("6"), buy("2")], { cash: exact(cash), costBps: 100 }).map(textOf);
  deepStrictEqual(quantities("808"), ["6", "2"]);
  deepStrictEqual(quantities("404"), ["3", "1"]);
  deepStrictEqual(quantities("0"), ["0", "0"]);
  deepStrictEqual(quantities("-5"), ["0", "0"]);
});

Deno.test("property: buys with their costs never exceed the cash", () => {
  const amount = fc.integer({ min: 1, max: 1_000_000 });
  fc.assert(
    fc.property(fc.array(fc.tuple(amount, amount), { minLength: 1 }), amount, (rows, cash) => {
      const buys = rows.map(([quantity, price]) => ({
        ...{ quantity: exact(quantity).div(1000), price: exact(price).div(100) },
        step: exact("0.001"),
      }));
      const scaled = withinCash(buys, { cash: exact(cash), costBps: 30 });
      const spent = sumOf(scaled.map((quantity, i) => quantity.mul(buys[i]!.price)));
      ok(spent.mul("1.003").lte(cash));
    }),
    { seed: 9 },
  );
});
