import { z } from "zod";
import { H4_MS } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { trading } from "../features/mod.ts";
import { defineModel, type Model } from "../models/model.ts";
import { constantly, modelOf } from "./fixtures.ts";

/** The decision at which these models go wrong: 12:00 on the first day of the plan. */
export const FATAL: number = parseDate("2024-03-01") + 3 * H4_MS;

/** A model that does its work. */
export const allIn: Model = constantly("AllIn_v1", { AAA: 1 });

/** A model that throws at the fatal decision. */
export const broken: Model = modelOf("Broken_v1", ["AAA"], ({ time }) => {
  if (time === FATAL) throw new Error("out of ideas");
  return {};
});

/** As good as for ever; yet it ends, since nobody can end a worker that is busy before its process does. */
function stall(): void {
  for (let i = 0; i < 1e9; i++);
}

/** A model that does not return from the fatal decision. */
export const endless: Model = modelOf("Endless_v1", ["AAA"], ({ time }) => {
  if (time === FATAL) stall();
  return {};
});

/** A model that does not return from declaring its features. */
export const endlessDeclaration: Model = defineModel({
  name: "EndlessDeclaration_v1",
  version: "1.0.0",
  universe: ["AAA", "BBB"],
  parameters: z.strictObject({}),
  features: () => {
    stall();
    return { price: trading.close() };
  },
  decide: () => ({}),
});

/** A model that asks for an average of no bars. */
export const brokenDeclaration: Model = defineModel({
  name: "BrokenDeclaration_v1",
  version: "1.0.0",
  universe: ["AAA", "BBB"],
  parameters: z.strictObject({}),
  features: () => ({ price: trading.sma(0) }),
  decide: () => ({}),
});

/** A model that leaves a rejected promise behind. */
export const unsettled: Model = modelOf("Unsettled_v1", ["AAA"], () => {
  Promise.reject(new Error("later"));
  return {};
});

let answered = false;

/** A model that decides once and stalls when it is asked the same again. */
export const once: Model = modelOf("Once_v1", ["AAA"], ({ time }) => {
  if (time !== FATAL) return {};
  if (answered) stall();
  answered = true;
  return {};
});
