import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import type { RunRecord } from "../core/run_record.ts";
import { featureCache } from "../features/mod.ts";
import { holdWeights, runBenchmarks } from "./benchmarks.ts";
import { execute } from "./execute.ts";
import {
  BASE_LIMITS,
  closingAt,
  constantly,
  dataOf,
  NO_LIMITS,
  planWith,
  seat,
  tradable,
} from "./fixtures.ts";

const coin = tradable("AAA");
const other = tradable("BBB");
const idle = constantly("Idle_v1", { AAA: 0 });

function fillsOf({ outcomes }: RunRecord): [number, number][] {
  return outcomes.flatMap((outcome) =>
    outcome.status === "filled" ? [[outcome.asset, outcome.index] as [number, number]] : []
  );
}

Deno.test("hold takes the largest weights that the caps allow, equal inside a class", () => {
  const assets = [coin, other, tradable("SHR", "equity")];
  const plan = planWith(assets, [seat(idle)], {
    risk: { ...BASE_LIMITS, perAssetCap: 0.4, classCaps: { crypto: 0.2 } },
  });
  deepStrictEqual(holdWeights(plan), { AAA: 0.1, BBB: 0.1, SHR: 0.4 });
  deepStrictEqual(holdWeights({ ...plan, risk: NO_LIMITS }), {
    AAA: 0.25,
    BBB: 0.25,
    SHR: 0.5,
  });
});

Deno.test("hold buys each asset once, at its first tradable decision, and lets it drift over its cap", () => {
  const plan = planWith([coin, other], [seat(idle)], {
    risk: { ...NO_LIMITS, perAssetCap: 0.4 },
  });
  const days = 4 * 6;
  const rising = Array.from({ length: days + 1 }, (_, i) => 100 * (1 + i / 4));
  const late = Array.from({ length: days - 11 }, () => 50);
  const data = [
    dataOf(closingAt(coin, "h4", plan.start - H4_MS, rising)),
    dataOf(closingAt(other, "h4", plan.start + 2 * DAY_MS - H4_MS, late)),
  ];
  const hold = runBenchmarks({ plan, data }, featureCache()).find(({ name }) => name === "hold")!;
  deepStrictEqual(fillsOf(hold.record), [[0, 0], [1, 12]]);
  const { nav, cash, closes } = hold.record;
  ok(4 * closes[0]!.at(-1)! / nav.at(-1)! > 0.6, "the rising asset drifted over its cap");
  ok(cash.every((money) => money >= 0));
});

Deno.test("a yardstick has no drawdown modes and leaves the plan's own run as it is", () => {
  const plan = planWith([coin], [seat(idle)], { risk: BASE_LIMITS });
  const falling = Array.from({ length: 25 }, (_, i) => 100 - 3 * i);
  const data = [dataOf(closingAt(coin, "h4", plan.start - H4_MS, falling))];
  const alone = execute({ plan, data }, [idle]);
  const { benchmarks, ...run } = execute({ plan, data, benchmarks: true }, [idle]);
  deepStrictEqual(run, alone);
  const hold = benchmarks!.find(({ name }) => name === "hold")!;
  deepStrictEqual(hold.record.modes, []);
  deepStrictEqual(fillsOf(hold.record), [[0, 0]]);
});

Deno.test("a yardstick that never gets warm is left out, and SPY stands only where it is traded", () => {
  const share = tradable("SPY", "equity");
  const plan = planWith([coin, share], [seat(idle)]);
  const closes = Array.from({ length: 25 }, () => 100);
  const data = [
    dataOf(closingAt(coin, "h4", plan.start - H4_MS, closes)),
    dataOf(closingAt(share, "h4", plan.start - DAY_MS, [10, 10, 10, 10, 10])),
  ];
  const names = (benchmarks: readonly { name: string }[]) => benchmarks.map(({ name }) => name);
  deepStrictEqual(names(runBenchmarks({ plan, data }, featureCache())), [
    "hold",
    "reversion",
    "spy",
  ]);
  const coins = { ...plan, assets: [coin] };
  const without = runBenchmarks({ plan: coins, data: [data[0]!] }, featureCache());
  strictEqual(names(without).includes("spy"), false);
});
