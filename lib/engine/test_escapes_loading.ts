// What a model tries while its module is being loaded. Whether anything of it worked is for the models to say.
import { sma, trading } from "../features/mod.ts";
import { type Escape, fruitless } from "./test_escape_models.ts";

const patch = () => 0;

/** Each try says whether it changed anything. */
const TRIES: Readonly<Record<string, () => boolean>> = {
  PollutesAtLoad_v1: () => Reflect.set(Object.prototype, "AAA", 1),
  PatchesAtLoad_v1: () => Reflect.set(Math, "max", patch) || Reflect.set(JSON, "parse", patch),
  IteratesAtLoad_v1: () => Reflect.set(Array.prototype, Symbol.iterator, patch),
  ReplacesAtLoad_v1: () =>
    Reflect.set(globalThis, "Float64Array", Array) || Reflect.deleteProperty(globalThis, "Map"),
  DefinesAtLoad_v1: () => Reflect.set(globalThis, "Atomics", {}) || Reflect.set(globalThis, "x", 1),
  RenamesAtLoad_v1: () => Reflect.defineProperty(sma, "name", { value: "ema" }),
  RebuildsAtLoad_v1: () => Reflect.set(trading, "sma", trading.ema),
  TracesAtLoad_v1: () => Reflect.set(Error, "stackTraceLimit", 10),
  ReadsClockAtLoad_v1: () => "Date" in globalThis || "performance" in globalThis,
  ThrowsDiceAtLoad_v1: () => "random" in Math,
};

const done = Object.entries(TRIES).map(([name, act]) => ({ name, worked: act() }));

/** One model for each try, which wants something else if it worked. */
export const LOADING: readonly Escape[] = done.map(({ name, worked }) =>
  fruitless(name, () => worked)
);
