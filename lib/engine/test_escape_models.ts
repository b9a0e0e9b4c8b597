import { z } from "zod";
import { trading } from "../features/mod.ts";
import { type Context, defineModel, each, type Model, type Targets } from "../models/model.ts";

/** What an escaping model is given, as it sees it. */
export type Seen = Context<object, "price">;

/** One attempt of a model to leave its place, and how it has to end. */
export interface Escape {
  readonly model: Model;
  /**
   * `blocked`: the run ends in one line with the model's name. `harmless`: the run's record is that of the innocent twin,
   * bit for bit, twice in one sandbox.
   */
  readonly expect: "blocked" | "harmless";
  /** What the line says after the model's name. */
  readonly says?: RegExp;
}

/** What an innocent model wants: half of what has risen above 110, a quarter of the rest. */
export function innocent({ assets }: Seen): Targets {
  return Object.fromEntries(
    assets.map(({ symbol, price }) => [symbol, price > 110 ? 0.5 : 0.25]),
  );
}

/** A model without guile under any name: the twin of one that has some, and the neighbour of all of them. */
export function innocentModel(name: string): Model {
  return escapee(name, { decide: innocent });
}

/** The neighbour in every plan: it uses much of what others try to change. */
export const neighbour: Model = defineModel({
  name: "Neighbour_v1",
  version: "1.0.0",
  universe: ["AAA", "BBB"],
  parameters: z.strictObject({}),
  features: () => ({ price: trading.close(), slow: trading.sma(3), fast: trading.ema(3) }),
  decide: each((asset) => {
    const [first, ...others] = asset.history("price", 3);
    const highest = Math.max(first!, ...others);
    const kept = new Map(Object.entries(JSON.parse(JSON.stringify({ highest }))));
    const sum = Float64Array.of(asset.slow, asset.fast).map(Math.abs).reduce((a, b) => a + b);
    return kept.get("highest") === highest && asset.price * 2 >= sum ? 0.5 : 0.125;
  }),
});

/** A model on two assets that decides and declares as told. */
export function escapee(
  name: string,
  { decide, features = () => ({ price: trading.close() }), schedule }: {
    decide: (context: Seen) => Targets;
    features?: () => { price: ReturnType<typeof trading.close> };
    schedule?: () => { days: number };
  },
): Model {
  return defineModel({
    name,
    version: "1.0.0",
    universe: ["AAA", "BBB"],
    parameters: z.strictObject({}),
    features,
    decide,
    ...(schedule ? { schedule } : {}),
  });
}

/** An attempt at each decision that has to throw; had it worked, the record would differ. */
export function throwing(name: string, act: (context: Seen) => unknown, says?: RegExp): Escape {
  const model = escapee(name, {
    decide(context) {
      act(context);
      return {};
    },
  });
  return { model, expect: "blocked", ...(says ? { says } : {}) };
}

/** An attempt at each decision that has to come to nothing: a yes would change the model's weights. */
export function fruitless(name: string, act: (context: Seen) => boolean): Escape {
  const model = escapee(name, {
    decide: (context) => act(context) ? {} : innocent(context),
  });
  return { model, expect: "harmless" };
}

/** An answer that has to be refused, whatever type it claims to have. */
export function answering(
  name: string,
  answer: (context: Seen) => unknown,
  expect: Escape["expect"] = "blocked",
  says?: RegExp,
): Escape {
  const model = escapee(name, { decide: (context) => answer(context) as Targets });
  return { model, expect, ...(says ? { says } : {}) };
}
