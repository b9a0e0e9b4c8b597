import type { OutcomeRecord, RunRecord, WishRecord } from "../core/run_record.ts";

/** What was held or wanted at each mark, column by column: one row for an asset that was either. */
export interface Holdings {
  /** Places on the clock of marks and in the list of assets; rows ascend by both. */
  readonly marks: Int32Array;
  readonly assets: Int32Array;
  /** Position ÷ NAV. */
  readonly weight: Float64Array;
  readonly quantity: Float64Array;
  /** Last adjusted close known; NaN before the first. */
  readonly price: Float64Array;
  /** Newest target after risk, that of a decision at this very mark included. */
  readonly targetWeight: Float64Array;
}

/** The account's side of a run. */
export interface AccountValues {
  readonly holdings: Holdings;
  readonly grossExposure: Float64Array;
  readonly netExposure: Float64Array;
  /** By asset: money gained over the whole run, costs paid. */
  readonly assetPnl: Float64Array;
}

/** Replays the fills: one of decision `i` is held from mark `i + 1` on. */
export function accountOf(record: RunRecord): AccountValues {
  const { markTimes, nav, closes, outcomes, wishes } = record;
  const marks = markTimes.length;
  const size = closes.length;
  const units = new Float64Array(size);
  const money = new Float64Array(size);
  const targets = targetsOf(record);
  const rows = holdingRows(marks * size);
  const grossExposure = new Float64Array(marks);
  const netExposure = new Float64Array(marks);
  let count = 0;
  let nextOutcome = 0;
  let nextWish = 0;
  for (let mark = 0; mark < marks; mark++) {
    for (; outcomes[nextOutcome] && outcomes[nextOutcome]!.index < mark; nextOutcome++) {
      receive(units, money, outcomes[nextOutcome]!);
    }
    for (; wishes[nextWish] && wishes[nextWish]!.index <= mark; nextWish++) {
      targets.take(wishes[nextWish]!);
    }
    for (let asset = 0; asset < size; asset++) {
      const quantity = units[asset]!;
      const target = targets.net[asset]!;
      if (quantity === 0 && target === 0) continue;
      const price = closes[asset]![mark]!;
      const weight = quantity === 0 ? 0 : quantity * price / nav[mark]!;
      grossExposure[mark]! += Math.abs(weight);
      netExposure[mark]! += weight;
      rows.marks[count] = mark;
      rows.assets[count] = asset;
      rows.weight[count] = weight;
      rows.quantity[count] = quantity;
      rows.price[count] = price;
      rows.targetWeight[count] = target;
      count++;
    }
  }
  return {
    holdings: firstRows(rows, count),
    grossExposure,
    netExposure,
    assetPnl: money.map((cash, asset) =>
      units[asset] === 0 ? cash : cash + units[asset]! * closes[asset]![marks - 1]!
    ),
  };
}

function receive(units: Float64Array, money: Float64Array, outcome: OutcomeRecord): void {
  if (outcome.status !== "filled") return;
  const { asset, quantity, held, price, fee } = outcome;
  // A sale of everything leaves nothing, whatever the last bit of the subtraction says.
  units[asset] = quantity === -held ? 0 : held + quantity;
  money[asset]! -= quantity * price + fee;
}

/** Net targets by asset: the sum of the models' newest shares. */
function targetsOf({ models, assets }: RunRecord) {
  const shares = models.map(() => new Float64Array(assets.length));
  const net = new Float64Array(assets.length);
  return {
    net,
    take({ model, asset, share }: WishRecord) {
      shares[model]![asset] = share;
      net[asset] = shares.reduce((sum, own) => sum + own[asset]!, 0); // afresh: no rounding piles up
    },
  };
}

function holdingRows(length: number): Holdings {
  return {
    marks: new Int32Array(length),
    assets: new Int32Array(length),
    weight: new Float64Array(length),
    quantity: new Float64Array(length),
    price: new Float64Array(length),
    targetWeight: new Float64Array(length),
  };
}

function firstRows(rows: Holdings, count: number): Holdings {
  return {
    marks: rows.marks.subarray(0, count),
    assets: rows.assets.subarray(0, count),
    weight: rows.weight.subarray(0, count),
    quantity: rows.quantity.subarray(0, count),
    price: rows.price.subarray(0, count),
    targetWeight: rows.targetWeight.subarray(0, count),
  };
}
