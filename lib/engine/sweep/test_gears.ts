import { z } from "zod";
import { type Bars, DAY_MS, type Millis } from "../../core/bars.ts";
import { parseDate } from "../../core/clock.ts";
import { seededRandom } from "../../core/random.ts";
import { daily, trading } from "../../features/mod.ts";
import { type AssetView, type Context, defineModel, each, type Model } from "../../models/model.ts";
import { movingAverageCross } from "../../models/moving_average_cross.ts";
import { planWith, randomAsset, seat, tradable } from "../fixtures.ts";
import type { AssetData, Plan, PlannedAsset, PlannedModel } from "../plan.ts";

const universe = ["AAA"];
const version = "1.0.0";
const periodic = z.strictObject({ period: z.int() });

interface Period {
  readonly period: number;
}

/** A weight that moves with every bar, from three features. */
export const sliding = defineModel({
  name: "Sliding_v1",
  version,
  universe,
  parameters: periodic,
  features: ({ period }: Period) => ({
    price: trading.close(),
    mean: trading.sma(period),
    swing: trading.momentum(period),
  }),
  decide: each(({ price, mean, swing }) =>
    price < mean ? 0 : Math.min(1, Math.max(0, 0.3 + 4 * swing))
  ),
});

/** Few weights from a daily feature and one of the trading bars. */
export const mixed = defineModel({
  name: "Mixed_v1",
  version,
  universe,
  parameters: periodic,
  features: ({ period }: Period) => ({
    slow: daily.sma(period),
    fast: daily.close(),
    rsi: trading.rsi(2),
  }),
  decide: each(({ slow, fast, rsi }) => fast < slow ? 0 : rsi < 50 ? 1 : 0.5),
});

/** A lone flag of daily bars, and nothing of those that are traded. */
export const dailyFlag = defineModel({
  name: "DailyFlag_v1",
  version,
  universe,
  parameters: periodic,
  features: ({ period }: Period) => ({ up: daily.above(daily.close(), daily.sma(period)) }),
  decide: each(({ up }) => up),
});

type Look = (asset: AssetView<"up" | "price">, context: Context<unknown, "up" | "price">) => number;

/** What a rule may look at beyond its features. */
export const LOOKS: Readonly<Record<string, Look>> = {
  weight: ({ up, weight }) => up === 0 ? 0 : weight > 0.5 ? 0.6 : 0.9,
  barsHeld: ({ up, barsHeld }) => up === 1 && barsHeld < 4 ? 1 : 0,
  time: ({ up }, { time }) => time % DAY_MS === 0 ? up : up / 2,
  history: ({ up, history }) => up === 1 && history("price", 3)[0]! > 0 ? 1 : 0.1,
  regime: ({ up }, { regime }) => regime.crypto === "RISK_ON" ? up : up / 2,
  budget: ({ up }, { budget }) => budget.money > 500 ? up : 0,
  assets: ({ up }, { assets }) => up / assets.length,
};

/** Looks at more than the features of its asset. */
export const looking = defineModel({
  name: "Looking_v1",
  version,
  universe,
  parameters: z.strictObject({ at: z.string() }),
  features: () => ({ up: trading.above(trading.close(), trading.sma(3)), price: trading.close() }),
  decide: each((asset, context) => LOOKS[context.parameters.at]!(asset, context)),
});

/** What a rule may answer that is no weight. */
export const WRONGS: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw new Error("out of ideas\nand of words");
  },
  throwsText: () => {
    throw "no error at all";
  },
  nan: () => NaN,
  negative: () => -0.25,
  tooMuch: () => 1.5,
  text: () => "all",
  nothing: () => undefined,
};

/** Gives a wrong answer where the price has risen far. */
export const faulty = defineModel({
  name: "Faulty_v1",
  version,
  universe,
  parameters: z.strictObject({ how: z.string(), above: z.number() }),
  features: () => ({ swing: trading.momentum(4) }),
  decide: each(({ swing }, { parameters: { how, above } }) =>
    swing > above ? WRONGS[how]!() as number : 0.7
  ),
});

/** What a model may get wrong before it is asked. */
export const DECLARATIONS = ["noPeriod", "nothing", "taken", "throws", "schedule", "due"] as const;

/** Cannot say what it wants to see, or when. */
export const undeclared = defineModel({
  name: "Undeclared_v1",
  version,
  universe,
  parameters: z.strictObject({ how: z.string() }),
  features({ how }): Record<string, ReturnType<typeof trading.close>> {
    if (how === "throws") throw new Error("what do I want?");
    if (how === "noPeriod") return { mean: trading.sma(0) };
    if (how === "nothing") return {};
    return how === "taken" ? { weight: trading.close() } : { price: trading.close() };
  },
  decide: each(() => 1),
  schedule({ how }) {
    if (how === "schedule") throw new Error("when?");
    return (how === "due" ? { days: 2 } : undefined) as unknown as { days: number };
  },
});

/** All models of one asset. */
export const models: readonly Model[] = [
  movingAverageCross,
  sliding,
  mixed,
  dailyFlag,
  looking,
  faulty,
  undeclared,
];

/** First bar of random histories, and their end. */
export const FROM: Millis = parseDate("2024-01-01");
export const TO: Millis = parseDate("2024-04-01");

/** The bars without a share of their rows, in stretches of up to `longest`. */
export function withHoles(bars: Bars, { seed, share, longest }: {
  readonly seed: number;
  readonly share: number;
  readonly longest: number;
}): Bars {
  const random = seededRandom(seed).fork("holes");
  const kept: number[] = [];
  for (let row = 0; row < bars.openTime.length; row++) {
    if (random.next() < share) row += random.integer(longest);
    else kept.push(row);
  }
  const column = (of: Float64Array) => Float64Array.from(kept, (row) => of[row]!);
  return {
    ...bars,
    openTime: column(bars.openTime),
    availableAt: column(bars.availableAt),
    open: column(bars.open),
    high: column(bars.high),
    low: column(bars.low),
    close: column(bars.close),
    volume: column(bars.volume),
  };
}

/** A random history of one asset; `holes` is the share of bars that are missing. */
export function historyOf(asset: PlannedAsset, seed: number, holes = 0): AssetData {
  const whole = randomAsset(asset, { from: FROM, to: TO, seed });
  if (holes === 0) return whole;
  const h4 = withHoles(whole.bars.h4!, { seed, share: holes, longest: 9 });
  const daily = withHoles(whole.bars.daily!, { seed: seed + 1, share: holes / 2, longest: 3 });
  return { ...whole, bars: { h4, daily } };
}

/** A plan of one model on one crypto asset, from 1 February to 1 March 2024 unless changed. */
export function planOf(model: PlannedModel, changes: Partial<Plan> = {}): Plan {
  return planWith([tradable("AAA")], [model], {
    start: parseDate("2024-02-01"),
    end: parseDate("2024-03-01"),
    ...changes,
  });
}

/** A place in the plan of the cross of two averages. */
export function crossing(fast: number, slow: number, changes: Partial<PlannedModel> = {}) {
  const parameters = { fast_ma: fast, slow_ma: slow };
  return seat(movingAverageCross, { universe, parameters, ...changes });
}
