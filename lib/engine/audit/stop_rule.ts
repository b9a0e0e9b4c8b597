import { upperBound } from "../../core/bars.ts";
import type { RunRecord, WishRecord } from "../../core/run_record.ts";
import { stopFill, stopHit } from "../../execution/costs.ts";
import { unitsAfter } from "../../execution/lots.ts";
import type { Market } from "../market.ts";
import type { Oddity } from "./fill_rule.ts";

/** Stop and limit that a model had set for an asset when decision `index` had been made; NaN for none. */
export type Legs = (
  model: number,
  asset: number,
  index: number,
) => Pick<WishRecord, "stop" | "limit">;

const NONE = { stop: NaN, limit: NaN };

/** The prices that models set, decision by decision. */
export function legsInForce({ wishes }: RunRecord): Legs {
  const byPlace = Map.groupBy(wishes, ({ model, asset }) => `${model}/${asset}`);
  const placed = new Map(
    [...byPlace].map(([place, own]) =>
      [place, { own, indexes: Float64Array.from(own, ({ index }) => index) }] as const
    ),
  );
  return (model, asset, index) => {
    const found = placed.get(`${model}/${asset}`);
    return found?.own[upperBound(found.indexes, index) - 1] ?? NONE;
  };
}

/** A stop that a bar reached while its model held the asset, and that neither filled nor was told as skipped. */
export function missedStop(
  record: RunRecord,
  market: Market,
): (Oddity & { readonly asset: number; readonly index: number })[] {
  if (!record.wishes.some(({ stop }) => !Number.isNaN(stop))) return [];
  const { models, assets } = record;
  const legs = legsInForce(record);
  const units = new Float64Array(models.length * assets.length);
  const told = toldStops(record);
  let next = 0;
  for (let index = 0; index < market.decisionTimes.length; index++) {
    for (; record.bookings[next]?.index === index; next++) {
      const { model, asset, quantity } = record.bookings[next]!;
      const place = model * assets.length + asset;
      units[place] = unitsAfter(units[place]!, quantity, 0);
    }
    for (let place = 0; place < units.length; place++) {
      const held = units[place]!;
      if (held === 0) continue;
      const model = Math.floor(place / assets.length);
      const asset = place % assets.length;
      const { bars, rowAt } = market.assets[asset]!;
      const row = rowAt[index]!;
      const { stop } = legs(model, asset, index);
      if (row < 0 || Number.isNaN(stop)) continue;
      const bar = { high: bars.high[row]!, low: bars.low[row]! };
      if (!stopHit(stop, bar, -held) || told(model, asset, index)) continue;
      const expected = `a fill at ${stopFill(stop, bars.open[row]!, -held)}`;
      return [{ asset, index, name: `${models[model]!.name} stop`, expected, found: "none" }];
    }
  }
  return [];
}

/** Whether a stop filled at a decision, or was skipped then or earlier: a skip that goes on is told once. */
function toldStops({ outcomes }: RunRecord) {
  const told = new Set<string>();
  const skippedFrom = new Map<string, number>();
  for (const { kind, model, asset, index, status } of outcomes) {
    if (kind !== "stop") continue;
    told.add(`${model}/${asset}/${index}`);
    const place = `${model}/${asset}`;
    if (status === "skipped" && !skippedFrom.has(place)) skippedFrom.set(place, index);
  }
  return (model: number, asset: number, index: number) =>
    told.has(`${model}/${asset}/${index}`) ||
    (skippedFrom.get(`${model}/${asset}`) ?? Infinity) < index;
}
