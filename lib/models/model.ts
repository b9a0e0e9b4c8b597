import { z } from "zod";
import type { Millis } from "../core/bars.ts";
import type { Feature } from "../features/feature.ts";
import type { RegimeLabels } from "../regime/mod.ts";
import { frozenCopy } from "./frozen.ts";
import type { Schedule } from "./schedule.ts";

export type { Schedule } from "./schedule.ts";

/** What to do when an asset's bars are missing at a decision (FR-005). */
export type MissingPolicy = "ffill" | "skip" | "fail";

/**
 * One asset as a model sees it at one decision. The declared features stand beside these as properties, to be read by
 * name: they are computed when read, so `{ ...asset }` and `Object.keys(asset)` have the symbol only.
 */
export interface AssetFacts<Names extends string> {
  readonly symbol: string;
  /** What the model holds of it, as a share of the model's own budget, at the last known price. */
  readonly weight: number;
  /** Closed bars of the trading timeframe since the model entered, the filling bar included; 0 when flat. */
  readonly barsHeld: number;
  /** A copy of a declared feature's last `n` values on the asset's own bars, oldest first; NaN before the first. */
  history(name: Names, n: number): Float64Array;
}

/** Facts and declared features of one asset at one decision. */
export type AssetView<Names extends string> =
  & AssetFacts<Names>
  & { readonly [Name in Names]: number };

/** Everything a model may know at one decision (FR-013). Immutable; nothing in it is later than `time`. */
export interface Context<Parameters, Names extends string> {
  /** The decision time, on the decision clock. */
  readonly time: Millis;
  /** The assets of the universe whose features all exist now, in order of symbol. */
  readonly assets: readonly AssetView<Names>[];
  readonly parameters: Readonly<Parameters>;
  /** Every symbol the model may ever name, in order of symbol. */
  readonly universe: readonly string[];
  /** The four regime labels in force (FR-037). */
  readonly regime: RegimeLabels;
  readonly budget: Budget;
}

/** What a model may spend: a share of NAV, and the same in money. */
export interface Budget {
  readonly fraction: number;
  readonly money: number;
}

/** A target with its wishes; `stop` and `limit` are prices on the adjusted series. */
export interface Target {
  /** Share of the model's budget, 0 to 1. */
  readonly weight: number;
  /** The model's quantity is sold when a bar trades at or below it (bought back, for a short). */
  readonly stop?: number;
  /** The model's change is made only at this price or better. */
  readonly limit?: number;
  /** 0 to 1. */
  readonly confidence?: number;
  readonly urgency?: "low" | "normal" | "high";
  readonly horizon_hours?: number;
}

/** Weights by symbol (FR-018), a plain object; a symbol that was seen and is not named means 0. */
export type Targets = Readonly<Record<string, number | Target>>;

/** How far weights may miss 1 by rounding, as 0.1 + 0.2 + 0.7 does. */
export const BUDGET_TOLERANCE = 1e-9;

/** A decision function: pure and synchronous, equal contexts give equal targets. */
export type Decide<Parameters, Names extends string> = (
  context: Context<Parameters, Names>,
) => Targets;

/** The weight of one asset, decided from that asset alone; asking `context.assets` for the others costs speed. */
export type DecideEach<Parameters, Names extends string> = (
  asset: AssetView<Names>,
  context: Context<Parameters, Names>,
) => number;

// The rule of one asset, kept beside the decide function that `each` made of it, so that the engine can
// decide again only the assets whose inputs moved. The meaning is the same either way.
const RULE = Symbol("assay.each");

/** A decide function that asks `rule` for each asset by itself: right for models whose assets ignore each other. */
export function each<Parameters, Names extends string>(
  rule: DecideEach<Parameters, Names>,
): Decide<Parameters, Names> {
  const decide = (context: Context<Parameters, Names>) =>
    Object.fromEntries(context.assets.map((asset) => [asset.symbol, rule(asset, context)]));
  return Object.freeze(Object.assign(decide, { [RULE]: rule }));
}

/** The rule inside a decide function made by `each`, else undefined. */
export function ruleOf(decide: AnyDecide): DecideEach<unknown, string> | undefined {
  return (decide as { [RULE]?: DecideEach<unknown, string> })[RULE];
}

/** What `defineModel` takes: what the model is called, may be told, wants to see, and decides. */
export interface ModelDeclaration<Shape extends z.ZodObject, Names extends string> {
  /** Ends in the major version: `EquityTrendModel_v1`. */
  readonly name: string;
  /** MAJOR.MINOR.PATCH (FR-017); part of every result. */
  readonly version: string;
  /** Symbols it trades unless the configuration names others. */
  readonly universe: readonly string[];
  /** A strict zod object: every parameter with its range and default, spelled as in YAML. */
  readonly parameters: Shape;
  features(parameters: z.infer<Shape>): Readonly<Record<Names, Feature>>;
  readonly decide: Decide<z.infer<Shape>, Names>;
  /** When it is due; without a schedule, at every decision time. */
  schedule?(parameters: z.infer<Shape>): Schedule;
  /** What of the parameters does not fit the universe, told as `weights: found …, expected …`; undefined when all fits. */
  check?(parameters: z.infer<Shape>, universe: readonly string[]): string | undefined;
  readonly missing?: MissingPolicy;
  /** May return weights below 0 (only where `risk.allow_short` permits). */
  readonly shorts?: boolean;
}

/** A model as the engine uses it: the declaration, with the types of its own parameters put away. */
export interface Model {
  readonly name: string;
  readonly version: string;
  readonly universe: readonly string[];
  readonly parameters: z.ZodObject;
  features(parameters: unknown): Readonly<Record<string, Feature>>;
  readonly decide: AnyDecide;
  schedule(parameters: unknown): Schedule | undefined;
  /** What does not fit, in one line that starts with the path below `parameters`; undefined when all fits. */
  check(parameters: unknown, universe: readonly string[]): string | undefined;
  readonly missing: MissingPolicy | undefined;
  readonly shorts: boolean;
}

type AnyDecide = Decide<unknown, string>;

const NAME = /^[A-Za-z][A-Za-z0-9]*_v\d+$/;
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** A model from its declaration. Throws TypeError when its name, version, universe or parameters are malformed. */
export function defineModel<Shape extends z.ZodObject, const Names extends string>(
  declaration: ModelDeclaration<Shape, Names>,
): Model {
  checkDeclaration(declaration);
  // Each function gets parameters of its own: what one might do to them reaches neither the plan nor another.
  const own = (parameters: unknown) => frozenCopy(parameters) as z.infer<Shape>;
  return Object.freeze<Model>({
    name: declaration.name,
    version: declaration.version,
    universe: Object.freeze([...declaration.universe]),
    parameters: declaration.parameters,
    features: (parameters) => declaration.features(own(parameters)),
    decide: declaration.decide as unknown as AnyDecide,
    schedule: (parameters) => declaration.schedule?.(own(parameters)),
    check: (parameters, universe) => declaration.check?.(own(parameters), [...universe]),
    missing: declaration.missing,
    shorts: declaration.shorts ?? false,
  });
}

function checkDeclaration(
  { name, version, universe, parameters }: Pick<
    Model,
    "name" | "version" | "universe" | "parameters"
  >,
): void {
  if (!NAME.test(name)) {
    throw new TypeError(`Model name "${name}" must look like "DipBuyerModel_v1"`);
  }
  const major = VERSION.exec(version)?.[1];
  if (major === undefined || !name.endsWith(`_v${major}`)) {
    throw new TypeError(
      `Version "${version}" of ${name} must be MAJOR.MINOR.PATCH with the major version of its name`,
    );
  }
  if (universe.length === 0 || new Set(universe).size < universe.length) {
    throw new TypeError(`Universe of ${name} must hold symbols, each once`);
  }
  // A misspelled parameter is refused only by a strict schema.
  if (
    !(parameters instanceof z.ZodObject) || !(parameters.def.catchall instanceof z.ZodNever)
  ) {
    throw new TypeError(`Parameters of ${name} must be a z.strictObject`);
  }
}
