import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DAY_MS, H4_MS } from "../../core/bars.ts";
import { h4, trading } from "../../features/mod.ts";
import { defineModel, type Model } from "../../models/model.ts";
import { regimeTimeline } from "../../regime/mod.ts";
import { constantly, modelOf, planWith, seat, tradable } from "../fixtures.ts";
import { PLANTED_RULES, plantedRegimes } from "../leaks/market.ts";
import { LAY_OUT, type LayOutSteps, rehearsable, type RunRequest } from "../simulate.ts";
import {
  cross,
  end,
  market,
  models,
  parameters,
  planUntil,
  rotation,
  start,
  trend,
} from "../test_rich_market.ts";
import { audit } from "./audit.ts";

function certify(request: RunRequest, models: readonly Model[], steps?: LayOutSteps) {
  const surroundings = steps ? { steps } : {};
  const run = rehearsable(request, models, surroundings);
  return { run, certificate: audit(run, models, surroundings) };
}

for (const fill of ["next_open", "same_close"] as const) {
  for (const sizing of ["decision_price", "fill_price"] as const) {
    Deno.test(`SC-002 property: an honest run that trades in every way passes (${fill}, ${sizing})`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
          const plan = planUntil(end, { fill, sizing, seed });
          const { certificate } = certify({ plan, data: market(seed) }, models);
          deepStrictEqual(certificate.findings, []);
          strictEqual(certificate.verdict, fill === "next_open" ? "passed" : "optimistic");
          strictEqual(certificate.checkpoints.length, 8);
        }),
        { seed: 1, numRuns: 6 },
      );
    });
  }
}

/** Looks at the regime, on its days and while the market falls. */
const watchful = defineModel({
  name: "Watchful_v1",
  version: "1.0.0",
  universe: ["AAA", "BBB"],
  parameters,
  features: () => ({ change: trading.momentum(2) }),
  decide: ({ assets, regime }) => {
    const share = regime.volatility === "HIGH" ? 0.1 : regime.macro === "EXPANSION" ? 0.5 : 0.3;
    const risen = assets.filter(({ change }) => change > 0);
    return Object.fromEntries(risen.map(({ symbol }) => [symbol, share]));
  },
  schedule: () => ({ days: 2, orWhile: { crypto: "RISK_OFF" } }),
});

/** The engine's own steps, with rules that these weeks are long enough for. */
const shortRegimes: LayOutSteps = {
  ...LAY_OUT,
  regimes: (times, data) => regimeTimeline(times, data, PLANTED_RULES),
};

Deno.test("SC-002 property: an honest run with schedules, and budgets and limits by regime, passes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
      const all = [...models, watchful];
      const plan = planUntil(end, {
        seed,
        models: all.map((model) => seat(model, { budgetFraction: 0.2 }))
          .sort((a, b) => a.name < b.name ? -1 : 1),
        regimeBudgets: { vol_high: { Cross_v1: 0.05 }, crypto_risk_on: { Watchful_v1: 0.3 } },
        regimeLimits: { equity_bear: { maxLeverage: 0.3 } },
      });
      const data = market(seed);
      const request = { plan, data, regimes: plantedRegimes(data) };
      const { run, certificate } = certify(request, all, shortRegimes);
      deepStrictEqual(certificate.findings, []);
      ok(certificate.compared.regime_values > 0);
      ok(new Set(run.laid.setup.regimes!.volatility).size > 1, "labels must change");
    }),
    { seed: 1, numRuns: 6 },
  );
});

Deno.test("SC-002 property: an honest run on daily bars passes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
      const all = [cross, rotation, trend];
      const seats = all.map((model) => seat(model, { budgetFraction: 0.3 }));
      const plan = planUntil(end, { timeframe: "daily", seed, models: seats });
      const { run, certificate } = certify({ plan, data: market(seed) }, all);
      deepStrictEqual(certificate.findings, []);
      ok(run.record.outcomes.length > 0 && certificate.compared.feature_values > 0);
    }),
    { seed: 1, numRuns: 6 },
  );
});

Deno.test("SC-002 the certificate is plain JSON and the same each time", () => {
  const request = { plan: planUntil(end), data: market(1) };
  const { certificate } = certify(request, models);
  deepStrictEqual(JSON.parse(JSON.stringify(certificate)), certificate);
  deepStrictEqual(
    certify({ plan: planUntil(end), data: market(1) }, models).certificate,
    certificate,
  );
  const { compared } = certificate;
  ok(Object.entries(compared).every(([name, count]) => name === "regime_values" || count > 0));
});

Deno.test("SC-002 an audit changes nothing of the run it is about", () => {
  const request = { plan: planUntil(end), data: market(2) };
  const run = rehearsable(request, models);
  const copy = structuredClone(run.record);
  const data = structuredClone(request.data);
  audit(run, models);
  deepStrictEqual(run.record, copy);
  deepStrictEqual(request.data, data);
});

Deno.test("SC-002 a run without trades passes, and says that it compared no fill", () => {
  const idle = constantly("Idle_v1", { AAA: 0 });
  const plan = planWith([tradable("AAA")], [seat(idle)], { start, end });
  const { certificate } = certify({ plan, data: market(1).slice(0, 1) }, [idle]);
  strictEqual(certificate.verdict, "passed");
  strictEqual(certificate.compared.fills, 0);
  ok(certificate.checkpoints.every(({ why }) => why === "seed"));
});

Deno.test("SC-002 a run with fewer decisions than checkpoints is examined at each of them", () => {
  const plan = planUntil(start + DAY_MS);
  const { certificate } = certify({ plan, data: market(1) }, models);
  strictEqual(certificate.verdict, "passed");
  strictEqual(certificate.checkpoints.length, 6);
});

Deno.test("SC-002 a model that fails on another future is a finding, not a crash", () => {
  const brittle = modelOf("Brittle_v1", ["AAA"], ({ assets }) => {
    const [asset] = assets;
    if (asset && !known.has(asset.price)) throw new RangeError("never seen such a price");
    return { AAA: 0.5 };
  });
  const known = new Set<number>(market(1)[0]!.bars.h4!.close);
  const plan = planWith([tradable("AAA")], [seat(brittle)], { start, end });
  const early: LayOutSteps = {
    ...LAY_OUT,
    // The bar that opens at a decision, which is garbage to it.
    read: (request) => ({
      ...request,
      data: request.data.map((asset) => ({
        ...asset,
        bars: {
          h4: {
            ...asset.bars.h4!,
            close: asset.bars.h4!.close.slice(),
            availableAt: asset.bars.h4!.openTime,
          },
        },
      })),
    }),
  };
  const request = { plan, data: market(1).slice(0, 1) };
  const { certificate } = certify(request, [brittle], early);
  strictEqual(certificate.verdict, "failed");
  const failure = certificate.findings.find(({ what }) => what === "failure");
  strictEqual(failure?.variant, "garbage");
  ok(/^Brittle_v1 at .* failed: never seen such a price$/.test(failure.found), failure.found);
});

Deno.test("SC-002 a feature fitted on all data is told as one, though the run differs in everything", () => {
  const peeking = defineModel({
    name: "Peeking_v1",
    version: "1.0.0",
    universe: ["AAA"],
    parameters,
    features: () => ({
      share: {
        name: "share()",
        timeframe: "h4",
        warmUp: 1,
        compute: ({ close }) => close.map((price) => price / close.at(-1)!),
      },
      price: h4.close(),
    }),
    decide: ({ assets }) => assets[0]!.share > 1 ? { AAA: 0.5 } : {},
  });
  const plan = planWith([tradable("AAA")], [seat(peeking)], { start, end });
  const { certificate } = certify({ plan, data: market(1).slice(0, 1) }, [peeking]);
  const [first] = certificate.findings;
  strictEqual(first?.what, "feature");
  strictEqual(first.where, "Peeking_v1 AAA share");
  ok(first.time <= first.checkpoint);
  notDeepStrictEqual(first.expected, first.found);
});

Deno.test("SC-002 each finding stands at its checkpoint or before it", () => {
  const late = modelOf("Late_v1", ["AAA"], ({ time }) => ({ AAA: calls++ % 5 / 10 + time * 0 }));
  let calls = 0;
  const plan = planWith([tradable("AAA")], [seat(late)], { start, end: start + 20 * H4_MS });
  const { certificate } = certify({ plan, data: market(1).slice(0, 1) }, [late]);
  ok(certificate.findings.length > 0);
  for (const { time, checkpoint } of certificate.findings) ok(time <= checkpoint);
});
