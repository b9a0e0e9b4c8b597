import { z } from "zod";
import { trading } from "../../features/mod.ts";
import { defineModel, each, type Model } from "../../models/model.ts";
import { models as rich } from "../test_rich_market.ts";
import { models as ofOneAsset } from "./test_gears.ts";

/** As good as for ever; yet it ends, since nobody can end a worker that is busy before its process does. */
function stall(): void {
  for (let i = 0; i < 1e9; i++);
}

function overflow(depth: number): number {
  return 1 + overflow(depth + 1);
}

const TRICKS: Readonly<Record<string, () => unknown>> = {
  none: () => 0,
  throws: () => {
    throw new Error("not this one");
  },
  stalls: stall,
  overflows: () => overflow(0),
  promises: () => Promise.reject(new Error("later")).then(() => {}),
};

/** Plays a trick at the first bar above a price, else holds half. */
export const unruly = defineModel({
  name: "Unruly_v1",
  version: "1.0.0",
  universe: ["AAA"],
  parameters: z.strictObject({ trick: z.string(), above: z.number() }),
  features: () => ({ price: trading.close() }),
  decide: each(({ price }, { parameters: { trick, above } }) => {
    if (price > above) TRICKS[trick]!();
    return 0.5;
  }),
});

/** Everything that sweeps are tested with. */
export const sweepModels: readonly Model[] = [...rich, ...ofOneAsset, unruly];
