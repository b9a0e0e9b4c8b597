import { deepStrictEqual, ok } from "node:assert/strict";
import { cryptoMomentum as model } from "./crypto_momentum.ts";
import { REGIME, weightsOver } from "./model_fixtures.ts";
import { wakes } from "./schedule.ts";

const RISK_OFF = { ...REGIME, crypto: "RISK_OFF" } as const;
const short = { short_lookback: 1, long_lookback: 2 };

/** The weights after the last of some closes while RISK_ON, by place. */
function lastWeights(closes: readonly (readonly number[])[], parameters: object = {}) {
  return weightsOver(model, closes, {
    parameters: { ...short, ...parameters },
    regimes: closes[0]!.map(() => REGIME),
  }).at(-1)!;
}

Deno.test("FR-016 coins of positive score get 1 ÷ top_n each; what is left over is cash", () => {
  deepStrictEqual(lastWeights([[10, 10, 11], [10, 10, 12]]), [0.5, 0.5]);
  deepStrictEqual(lastWeights([[10, 10, 11], [10, 10, 9]]), [0.5, 0]);
  deepStrictEqual(lastWeights([[10, 10, 9], [10, 10, 9]]), [0, 0]);
  deepStrictEqual(lastWeights([[10, 10, 11], [10, 10, 12]], { top_n: 4 }), [0.25, 0.25]);
});

Deno.test("FR-016 the score is the mean of both momenta, and zero is not positive", () => {
  const closes: readonly [number[], number][] = [
    [[8, 16, 12], 0.5], // −0.25 and +0.5
    [[16, 8, 12], 0.5], // +0.5 and −0.25
    [[8, 20, 10], 0], // −0.5 and +0.25
    [[24, 8, 12], 0], // +0.5 and −0.5
    [[9, 9, 9], 0],
  ];
  for (const [asset, weight] of closes) deepStrictEqual(lastWeights([asset]), [weight]);
});

Deno.test("FR-016 the top_n strongest are held, equals by symbol", () => {
  const three = [[10, 10, 11], [10, 10, 13], [10, 10, 12]];
  deepStrictEqual(lastWeights(three), [0, 0.5, 0.5]);
  deepStrictEqual(lastWeights(three, { top_n: 1 }), [0, 1, 0]);
  const alike = [[10, 10, 11], [10, 10, 12], [10, 10, 12]];
  deepStrictEqual(lastWeights(alike, { top_n: 1 }), [0, 1, 0]);
  deepStrictEqual(lastWeights([alike[1]!, alike[1]!, alike[1]!]), [0.5, 0.5, 0]);
});

Deno.test("FR-016 each lookback moves the ranking", () => {
  const lately = [10, 10, 10, 10, 12];
  const before = [10, 16, 16, 16, 16.5];
  const first = (parameters: object) => lastWeights([lately, before], { ...parameters, top_n: 1 });
  deepStrictEqual(first({ short_lookback: 1, long_lookback: 2 }), [1, 0]);
  deepStrictEqual(first({ short_lookback: 1, long_lookback: 4 }), [0, 1]);
  deepStrictEqual(first({ short_lookback: 4, long_lookback: 4 }), [0, 1]);
});

Deno.test("FR-016 nothing is held while RISK_OFF, whatever the momentum", () => {
  const closes = [[10, 10, 11, 12, 13, 14]];
  const regimes = [REGIME, REGIME, REGIME, RISK_OFF, RISK_OFF, REGIME];
  const weights = weightsOver(model, closes, { parameters: short, regimes });
  deepStrictEqual(weights.flat(), [NaN, NaN, 0.5, 0, 0, 0.5]);
});

Deno.test("FR-016 it rotates at the anchor, leaves at once on RISK_OFF and waits for the next anchor", () => {
  const schedule = model.schedule(model.parameters.parse({}))!;
  const closes = Array.from({ length: 12 }, (_, t) => 100 + t);
  const regimes = closes.map((_, t) => t === 4 || t === 5 ? RISK_OFF : REGIME);
  const anchors = new Set([2, 9]);
  const asked = (t: number) => anchors.has(t) || wakes(schedule, regimes[t]!);
  const weights = weightsOver(model, [closes], { parameters: short, regimes, asked });
  deepStrictEqual(weights.flat(), [NaN, NaN, 0.5, 0.5, 0, 0, 0, 0, 0, 0.5, 0.5, 0.5]);
});

Deno.test("FR-016 it is due every rebalance_days, and at any decision while the crypto regime is RISK_OFF", () => {
  const scheduleOf = (parameters: object) => model.schedule(model.parameters.parse(parameters));
  deepStrictEqual(scheduleOf({}), { days: 7, orWhile: { crypto: "RISK_OFF" } });
  deepStrictEqual(scheduleOf({ rebalance_days: 14 })!.days, 14);
  const others = { equity: "BEAR", volatility: "HIGH", macro: "RECESSION" } as const;
  ok(!wakes(scheduleOf({})!, { ...others, crypto: "RISK_ON" }));
  ok(wakes(scheduleOf({})!, { ...others, crypto: "RISK_OFF" }));
});

Deno.test("FR-016 each lookback reaches the feature it belongs to, both on daily bars", () => {
  const named = (parameters: object) =>
    Object.values(model.features(model.parameters.parse(parameters)))
      .map(({ timeframe, name }) => `${timeframe}.${name}`);
  deepStrictEqual(named({}), ["daily.momentum(30)", "daily.momentum(60)"]);
  deepStrictEqual(named(short), ["daily.momentum(1)", "daily.momentum(2)"]);
});

Deno.test("FR-016 crypto refuses parameters that cannot mean anything", () => {
  const wrong = [
    { short_lookback: 0 },
    { long_lookback: 60.5 },
    { long_lookback: 1e6 },
    { top_n: 0 },
    { rebalance_days: 0 },
    { rebalance_days: 1.5 },
    { rebalance_days: 366 },
    { lookback: 30 },
  ];
  for (const parameters of wrong) {
    ok(!model.parameters.safeParse(parameters).success, JSON.stringify(parameters));
  }
  const crossed = model.parameters.safeParse({ short_lookback: 61 });
  deepStrictEqual(crossed.error!.issues.map(({ path, message }) => [...path, message]), [
    ["short_lookback", "must be at most long_lookback"],
  ]);
});
