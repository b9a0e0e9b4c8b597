import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { inspect } from "node:util";
import type { Millis } from "../../core/bars.ts";
import type { Venue, VenueOrder, VenueRequest } from "../../core/trading.ts";
import { exact, ZERO } from "../account/exact.ts";
import type { Guard } from "./through_library.ts";

/** A venue in a market that is open, with 100,000 in cash, nothing held, and one symbol that costs 100 and stands still. */
export interface VenueStage {
  readonly venue: Venue;
  readonly symbol: string;
  /** When the stage was opened, by the venue's clock. */
  readonly start: Millis;
  /** What must never be seen. */
  readonly secrets: readonly string[];
  /** Lets time go by at the venue. */
  pass(ms: Millis): void;
  close?(): void | Promise<void>;
}

/** Registers what every adapter of the Venue port promises, as tests named after `adapter`. */
export function venueContract(
  adapter: string,
  open: (guard?: Guard) => VenueStage | Promise<VenueStage>,
): void {
  const promise = (
    sentence: string,
    proof: (stage: VenueStage) => Promise<void>,
    guard?: Guard,
  ) =>
    Deno.test(`${sentence} (${adapter})`, async () => {
      const stage = await open(guard);
      try {
        await proof(stage);
      } finally {
        await stage.close?.();
      }
    });

  promise("FR-038 an account starts with its cash and nothing held", async ({ venue }) => {
    const { accountNumber, cash, positions } = await venue.account();
    ok(accountNumber.length > 0);
    ok(exact(cash).eq(100_000), cash);
    deepStrictEqual(positions, {});
    deepStrictEqual(await venue.openOrders(), []);
    deepStrictEqual((await venue.account()).accountNumber, accountNumber);
  });

  promise("FR-043 rules and prices are decimal digits", async ({ venue, symbol }) => {
    const { minQuantity, quantityStep, priceStep, minNotional } = await venue.rules(symbol);
    for (const text of [minQuantity, quantityStep, priceStep, minNotional]) decimal(text);
    ok(exact(quantityStep).gt(ZERO) && exact(priceStep).gt(ZERO));
    const prices = await venue.prices([symbol]);
    deepStrictEqual(Object.keys(prices), [symbol]);
    ok(exact(prices[symbol]!).eq(100), prices[symbol]);
    deepStrictEqual(await venue.prices([]), {});
  });

  promise("FR-041 the venue's clock is open and runs", async ({ venue, start, pass }) => {
    const first = await venue.clock();
    ok(first.isOpen && Math.abs(first.time - start) <= 2_000, JSON.stringify(first));
    ok(first.nextClose === null || first.nextClose > first.time);
    pass(5_000);
    ok((await venue.clock()).time >= first.time + 4_000);
  });

  promise("FR-041 a market order fills, and all reads agree on it", async (stage) => {
    const { venue, symbol, start } = stage;
    const answer = await venue.submit(order(stage, "q1-buy", "buy", "2"));
    strictEqual(answer.kind, "acknowledged");
    const filled = await finished(stage, "q1-buy");
    deepStrictEqual([filled.status, filled.symbol, filled.side], ["filled", symbol, "buy"]);
    ok(exact(filled.filled).eq(2) && exact(filled.quantity).eq(2));
    const fills = await venue.fillsSince([symbol], start);
    ok(fills.every((fill) => fill.clientOrderId === "q1-buy" && fill.symbol === symbol));
    ok(fills.every((fill) => fill.venueOrderId === filled.venueOrderId && fill.side === "buy"));
    strictEqual(new Set(fills.map(({ tradeId }) => tradeId)).size, fills.length);
    for (const { quantity, price, fee } of fills) {
      for (const text of [quantity, price, fee]) decimal(text);
    }
    ok(fills.reduce((sum, { quantity }) => sum.add(quantity), ZERO).eq(2));
    const { cash, positions } = await venue.account();
    const coins = fills.filter(({ feeAsset }) => feeAsset === symbol)
      .reduce((sum, { fee }) => sum.add(fee), ZERO);
    ok(exact(positions[symbol]!).eq(exact(2).sub(coins)), positions[symbol]);
    const paid = fills.reduce(
      (sum, { quantity, price, fee, feeAsset }) =>
        sum.add(exact(quantity).mul(price)).add(feeAsset === "USD" ? fee : 0),
      ZERO,
    );
    ok(
      exact(100_000).sub(paid).sub(cash).abs().lt("0.000001"),
      `${paid} was paid, ${cash} is left`,
    );
    deepStrictEqual(await venue.openOrders(), []);
    deepStrictEqual(
      (await venue.ordersSince(symbol, start)).map((
        { clientOrderId, status },
      ) => [clientOrderId, status]),
      [
        ["q1-buy", "filled"],
      ],
    );
  });

  promise("FR-041 a purchase is sold again, fills in order of time", async (stage) => {
    const { venue, symbol, start, pass } = stage;
    await venue.submit(order(stage, "q1-in", "buy", "2"));
    await finished(stage, "q1-in");
    pass(1_000);
    const { quantityStep } = await venue.rules(symbol);
    const held = exact((await venue.account()).positions[symbol]!);
    const whole = held.div(quantityStep).trunc().mul(quantityStep);
    await venue.submit(order(stage, "q1-out", "sell", whole.toFixed()));
    strictEqual((await finished(stage, "q1-out")).status, "filled");
    const fills = await venue.fillsSince([symbol], start);
    const ids = [...new Set(fills.map(({ clientOrderId }) => clientOrderId))];
    deepStrictEqual(ids, ["q1-in", "q1-out"]);
    ok(fills.every(({ time }, i) => i === 0 || time >= fills[i - 1]!.time));
    const later = await venue.fillsSince([symbol], fills.at(-1)!.time);
    ok(later.length > 0 && later.length < fills.length);
    deepStrictEqual(await venue.fillsSince([symbol], fills.at(-1)!.time + 1), []);
    const left = exact((await venue.account()).positions[symbol] ?? "0");
    ok(left.eq(held.sub(whole)), left.toFixed());
  });

  promise("FR-041 an order that nobody sent is missing", async ({ venue, symbol }) => {
    deepStrictEqual(await venue.find("q1-never", symbol), { kind: "missing" });
  });

  promise(
    "SC-007 where ids are unique, one that is sent again buys nothing more",
    async (stage) => {
      const { venue, symbol, start } = stage;
      if (!venue.idsAreUnique) return;
      await venue.submit(order(stage, "q1-once", "buy", "2"));
      await finished(stage, "q1-once");
      const again = await venue.submit(order(stage, "q1-once", "buy", "2"));
      ok(again.kind === "acknowledged" && again.order.status === "filled", JSON.stringify(again));
      strictEqual((await venue.ordersSince(symbol, start)).length, 1);
      ok(exact((await venue.account()).positions[symbol]!).eq(2));
    },
  );

  promise(
    "FR-043 more than the cash buys is refused for certain, and no order is left",
    async (stage) => {
      const { venue, symbol, start } = stage;
      const answer = await venue.submit(order(stage, "q1-rich", "buy", "100000"));
      ok(
        answer.kind === "refused" && answer.code !== "" && answer.message !== "",
        JSON.stringify(answer),
      );
      deepStrictEqual(await venue.ordersSince(symbol, start), []);
      deepStrictEqual(await venue.openOrders(), []);
    },
  );

  promise("FR-043 selling what is not held is refused for certain", async (stage) => {
    const answer = await stage.venue.submit(order(stage, "q1-short", "sell", "2"));
    strictEqual(answer.kind, "refused", JSON.stringify(answer));
  });

  promise("FR-041 a limit away from the market works until it is cancelled", async (stage) => {
    const { venue, symbol, start } = stage;
    const request = { ...order(stage, "q1-low", "buy", "2"), limitPrice: "90" };
    const answer = await venue.submit(request);
    ok(answer.kind === "acknowledged" && answer.order.status === "working", JSON.stringify(answer));
    const [working, ...others] = await venue.openOrders();
    deepStrictEqual([working!.clientOrderId, working!.symbol, others.length], [
      "q1-low",
      symbol,
      0,
    ]);
    strictEqual(await venue.cancel(working!), true);
    deepStrictEqual(await venue.openOrders(), []);
    const found = await venue.find("q1-low", symbol);
    ok(
      found.kind === "found" && found.order.status === "canceled" &&
        exact(found.order.filled).isZero(),
    );
    strictEqual(await venue.cancel(working!), true, "what is finished is finished");
    const since = await venue.ordersSince(symbol, start);
    deepStrictEqual(since.map(({ clientOrderId }) => clientOrderId), ["q1-low"]);
  });

  promise("FR-054 an order that the guard stops does not leave", async (stage) => {
    const { venue, symbol } = stage;
    const answer = await venue.submit(order(stage, "q1-stopped", "buy", "2"));
    deepStrictEqual(answer, {
      kind: "refused",
      code: "not_sent",
      message: "the kill switch is on",
    });
    deepStrictEqual(await venue.find("q1-stopped", symbol), { kind: "missing" });
  }, () => "the kill switch is on");

  promise("FR-055 looking into a venue shows no secret", async (stage) => {
    await stage.venue.account();
    const shown = inspect(stage.venue, { depth: 12, showHidden: true }) +
      Deno.inspect(stage.venue, { depth: 12 }) + JSON.stringify(stage.venue);
    for (const secret of stage.secrets) ok(!shown.includes(secret));
  });
}

function order(
  { symbol }: VenueStage,
  clientOrderId: string,
  side: VenueRequest["side"],
  quantity: string,
): VenueRequest {
  return { clientOrderId, symbol, side, quantity };
}

/** The order once it is finished, given ten seconds of the venue's time. */
async function finished({ venue, symbol, pass }: VenueStage, id: string): Promise<VenueOrder> {
  for (let second = 0; second < 10; second++) {
    const answer = await venue.find(id, symbol);
    if (answer.kind === "found" && answer.order.status !== "working") return answer.order;
    pass(1_000);
  }
  throw new Error(`the order ${id} was not finished within ten seconds`);
}

function decimal(text: string): void {
  match(text, /^\d+(\.\d+)?$/);
}
