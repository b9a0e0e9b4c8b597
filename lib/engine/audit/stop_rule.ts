import type { RunRecord, WishRecord } from "../../core/run_record.ts";
import { stopFill, stopHit } from "../../execution/costs.ts";
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
  return (model, asset, index) =>
    byPlace.get(`${model}/${asset}`)?.findLast((wish) => wish.index <= index) ?? NONE;
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
      const after = units[place]! + quantity;
      // What is left by rounding is nothing, as in the ledgers.
      units[place] = Math.abs(after) <= ROUNDING * Math.abs(units[place]!) ? 0 : after;
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

const ROUNDING = 1e-12;

/** Whether a stop filled at a decision, or was skipped then or earlier: a skip that goes on is told once. */
function toldStops({ outcomes }: RunRecord) {
  const stops = outcomes.filter(({ kind }) => kind === "stop");
  return (model: number, asset: number, index: number) =>
    stops.some((stop) =>
      stop.model === model && stop.asset === asset &&
      (stop.index === index || stop.status === "skipped" && stop.index < index)
    );
}
