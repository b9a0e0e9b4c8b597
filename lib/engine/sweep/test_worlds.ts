import { DAY_MS } from "../../core/bars.ts";
import { type Random, seededRandom } from "../../core/random.ts";
import type { Model } from "../../models/model.ts";
import { movingAverageCross } from "../../models/moving_average_cross.ts";
import { NO_LIMITS, planWith, seat, tradable } from "../fixtures.ts";
import type { AssetData, Plan, PlannedAsset, PlannedModel, RiskPlan } from "../plan.ts";
import {
  dailyFlag,
  DECLARATIONS,
  faulty,
  FROM,
  historyOf,
  looking,
  LOOKS,
  mixed,
  sliding,
  TO,
  undeclared,
  WRONGS,
} from "./test_gears.ts";

/** A plan of one model on one asset, and that asset's history. */
export interface World {
  readonly plan: Plan;
  readonly data: AssetData;
}

/** A seat for a model of one asset. */
export function seatOf(
  model: Model,
  parameters: Readonly<Record<string, unknown>>,
): PlannedModel {
  return seat(model, { universe: ["AAA"], parameters });
}

type Pick = <Item>(...items: readonly Item[]) => Item;

/** A random world, the same for the same seed: models that work, or one in four that does not or looks at too much. */
export function randomWorld(seed: number, { onlySound = false } = {}): World {
  const random = seededRandom(seed).fork("world");
  const pick: Pick = (...items) => items[random.integer(items.length)]!;
  const asset = randomListing(pick);
  const isSound = onlySound || random.integer(5) > 0;
  const model = isSound ? soundSeat(random, pick) : unsoundSeat(pick);
  const first = pick(random.integer(17) - 4, 13 + random.integer(48));
  const days = pick(1 + random.integer(3), 4 + random.integer(57), 4 + random.integer(57));
  const start = FROM + first * DAY_MS;
  const plan = planWith([asset], [{
    ...model,
    budgetFraction: pick(1, 0.9, 0.35),
    missing: pick("ffill", "ffill", "ffill", "skip", "fail"),
  }], {
    start,
    end: Math.min(TO, start + days * DAY_MS),
    timeframe: pick("h4", "h4", "daily"),
    initialNav: pick(200, 1000, 123_456.78),
    fill: pick("next_open", "same_close"),
    sizing: pick("decision_price", "fill_price"),
    rebalanceThreshold: pick(0, 0.01, 0.1, 0.5),
    allowBorrowing: pick(false, false, true),
    maxGapBars: pick(0, 2, 5),
    cashRate: pick(0, 0, 0, 0, 0, 0.05),
    risk: randomLimits(pick),
  });
  return { plan, data: historyOf(asset, seed, pick(0, 0, 0, 0.02, 0.1)) };
}

function randomListing(pick: Pick): PlannedAsset {
  return {
    ...tradable("AAA", pick("crypto", "equity")),
    quantityPrecision: pick(null, null, 0, 2, 8),
    minOrderSize: pick(0, 0, 0.01, 0.5),
    feeBps: pick(0, 10, 50),
    slippageBps: pick(0, 5),
  };
}

function randomLimits(pick: Pick): RiskPlan {
  const cap = () => pick(null, null, null, 0.2, 0.55, 1);
  return {
    ...NO_LIMITS,
    perAssetCap: cap(),
    classCaps: { crypto: cap(), equity: cap() },
    maxLeverage: cap(),
    maxNetLeverage: cap(),
    drawdown: { ...NO_LIMITS.drawdown, trigger: pick(null, null, null, null, null, 0.05) },
  };
}

function soundSeat(random: Random, pick: Pick): PlannedModel {
  const period = 2 + random.integer(11);
  const cross = { fast_ma: 1 + random.integer(8), slow_ma: 9 + random.integer(22) };
  return pick(
    seatOf(movingAverageCross, cross),
    seatOf(movingAverageCross, cross),
    seatOf(sliding, { period }),
    seatOf(mixed, { period }),
    seatOf(dailyFlag, { period }),
  );
}

function unsoundSeat(pick: Pick): PlannedModel {
  const above = pick(-1, 0.02, 0.08, 9);
  return pick(
    seatOf(looking, { at: pick(...Object.keys(LOOKS)) }), // order: as written
    seatOf(faulty, { how: pick(...Object.keys(WRONGS)), above }), // order: as written
    seatOf(undeclared, { how: pick(...DECLARATIONS) }),
  );
}

/** Every bit of a column, as text. */
export function bits(column: Float64Array): string {
  return [...column].map((value) => Object.is(value, -0) ? "-0" : String(value)).join();
}
