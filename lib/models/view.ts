import type { RegimeLabels } from "../regime/mod.ts";
import { frozenCopy } from "./frozen.ts";
import type { AssetView, Budget, Context } from "./model.ts";

/** One declared feature of one asset. */
export interface FeatureColumn {
  /** The value at each decision time; NaN where it is missing. */
  readonly joined: Float64Array;
  /** The values on the asset's own bars. */
  readonly own: Float64Array;
  /** Row of `own` behind each value of `joined`, -1 where there is none. */
  readonly rows: Int32Array;
}

/** What the engine knows about a model's own holdings and money at the decision being taken. */
export interface OwnState {
  /** Share of the model's budget held in the asset at this place of its universe. */
  weight(asset: number): number;
  /** Closed bars since entry, 0 when flat. */
  barsHeld(asset: number): number;
  budget(): Budget;
}

/** The moment that all views of one model look at, and whether a look went beyond declared features. */
export interface Cursor {
  index: number;
  state: OwnState;
  /** Set when a model read what may move without any feature: its holdings, its budget, the time, a history. */
  touched: boolean;
  /** Set when a model read the regime, which moves when a label does. */
  regimeRead: boolean;
}

/**
 * Views of a model's assets at the cursor. The columns behind them hold the future too, so they stay in private
 * fields that no model can reach, on frozen objects that no model can change.
 */
export function assetViews(
  symbols: readonly string[],
  names: readonly string[],
  columns: readonly (readonly FeatureColumn[])[],
  cursor: Cursor,
): readonly AssetView<string>[] {
  const View = viewClass(names);
  return Object.freeze(
    symbols.map((_, asset) => new View(symbols, asset, columns[asset]!, cursor)),
  );
}

type ViewClass = new (
  symbols: readonly string[],
  asset: number,
  columns: readonly FeatureColumn[],
  cursor: Cursor,
) => AssetView<string>;

const classes = new Map<string, ViewClass>();

/**
 * A class per set of names, for all trials of a sweep: the property reads of a model then meet one shape only, which V8
 * compiles to plain loads.
 */
function viewClass(names: readonly string[]): ViewClass {
  const key = JSON.stringify(names);
  const known = classes.get(key);
  if (known) return known;
  const made = newViewClass([...names]);
  classes.set(key, made);
  return made;
}

function newViewClass(names: readonly string[]): ViewClass {
  class View {
    readonly symbol: string;
    readonly #asset: number;
    readonly #columns: readonly FeatureColumn[];
    readonly #cursor: Cursor;

    constructor(
      symbols: readonly string[],
      asset: number,
      columns: readonly FeatureColumn[],
      cursor: Cursor,
    ) {
      this.symbol = symbols[asset]!;
      this.#asset = asset;
      this.#columns = columns;
      this.#cursor = cursor;
      // A function of its own, so that it can be taken out of the view like everything else.
      const history = Object.freeze((name: string, n: number) => this.#history(name, n));
      Object.defineProperty(this, "history", { value: history });
      Object.freeze(this);
    }
    get weight(): number {
      this.#cursor.touched = true;
      return this.#cursor.state.weight(this.#asset);
    }
    get barsHeld(): number {
      this.#cursor.touched = true;
      return this.#cursor.state.barsHeld(this.#asset);
    }
    #history(name: string, n: number): Float64Array {
      this.#cursor.touched = true;
      const column = this.#columns[names.indexOf(name)];
      if (!column) {
        throw new RangeError(`"${name}" is not a declared feature; declared: ${names.join(", ")}`);
      }
      if (!Number.isInteger(n) || n < 1) {
        throw new RangeError(`history("${name}", n) needs a positive whole n, found ${n}`);
      }
      return lastValues(column, this.#cursor.index, n);
    }
    static feature(place: number) {
      return {
        enumerable: true,
        get(this: View) {
          return this.#columns[place]!.joined[this.#cursor.index]!;
        },
      };
    }
  }
  names.forEach((name, place) => Object.defineProperty(View.prototype, name, View.feature(place)));
  // No view leads to the class, which could make views of assets that are not to be seen now.
  Reflect.deleteProperty(View.prototype, "constructor");
  Object.freeze(View.prototype);
  return View as unknown as ViewClass;
}

/** Names that an asset view has of its own, which no feature may take. */
export const RESERVED_NAMES: readonly string[] = [
  "symbol",
  "weight",
  "barsHeld",
  "history",
  "constructor",
  "__proto__",
];

/** The context a model decides from; `seen` answers which assets are usable at the cursor. */
export function contextAt(
  cursor: Cursor,
  fixed: {
    times: Float64Array;
    parameters: unknown;
    universe: readonly string[];
    regimeAt: (index: number) => RegimeLabels;
    seen: () => readonly AssetView<string>[];
  },
): Context<unknown, string> {
  return Object.freeze({
    get time() {
      cursor.touched = true;
      return fixed.times[cursor.index]!;
    },
    get assets() {
      return fixed.seen();
    },
    get regime() {
      cursor.regimeRead = true;
      return Object.freeze(fixed.regimeAt(cursor.index));
    },
    get budget() {
      cursor.touched = true;
      return Object.freeze(cursor.state.budget());
    },
    parameters: frozenCopy(fixed.parameters) as Readonly<unknown>,
    universe: frozenCopy(fixed.universe),
  });
}

function lastValues({ own, rows }: FeatureColumn, index: number, n: number): Float64Array {
  const values = new Float64Array(n);
  const first = rows[index]! + 1 - n;
  // Not by `subarray` or `set`: replaced by a model, they would be handed the column with its future.
  for (let i = 0; i < n; i++) values[i] = first + i < 0 ? NaN : own[first + i]!;
  return values;
}
