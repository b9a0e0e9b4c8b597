import { DAY_MS, type Series } from "../core/bars.ts";
import { observations } from "./data.ts";
import { type Dimension, notesOf, sourceNotes } from "./dimension.ts";
import { DEFAULT_CODE, MACRO_LABELS } from "./labels.ts";
import type { RegimeRules } from "./rules.ts";
import {
  EXPIRED,
  isUsable,
  type Known,
  knownAt,
  periodicLifetime,
  seen,
  UNKNOWN,
} from "./source.ts";

const EXPANSION = MACRO_LABELS.indexOf("EXPANSION");
const SLOWDOWN = MACRO_LABELS.indexOf("SLOWDOWN");
const RECESSION = MACRO_LABELS.indexOf("RECESSION");

// The next release is due when the longest ordinary pause is over, so that no holiday raises a warning.
/** Daily yields: a weekend and a holiday. */
const YIELD_PAUSE_MS = 4 * DAY_MS;
/** A monthly index: 31 days, and a weekend and a holiday about the first of the month. */
const PMI_PAUSE_MS = 35 * DAY_MS;

/** The two yields that the slope is made of, in percent. */
export interface YieldCurve {
  readonly tenYear: Series | undefined;
  readonly twoYear: Series | undefined;
}

/**
 * EXPANSION, SLOWDOWN or RECESSION by PMI and yield curve (FR-036). While no PMI has ever been known the slope alone
 * tells RECESSION from SLOWDOWN; without a slope, or once either has become too old, the default stands.
 */
export function macroRegime(
  decisions: Float64Array,
  { pmi, curve }: { pmi: Series | undefined; curve: YieldCurve },
  { macro, holding }: RegimeRules,
): Dimension {
  const holdMs = holding.macro_days * DAY_MS;
  const index = observations(pmi);
  const slopes = slopesOf(curve);
  const inverted = invertedShare(slopes.value, macro.inverted_observations);
  const known = (availableAt: Float64Array, everyMs: number, warmRow: number) =>
    knownAt(decisions, {
      availableAt,
      ...periodicLifetime(availableAt, { everyMs, holdMs }),
      warmRow,
    });
  const knownPmi = known(index.availableAt, PMI_PAUSE_MS, 0);
  const knownSlope = known(slopes.availableAt, YIELD_PAUSE_MS, macro.inverted_observations - 1);
  const inputs = {
    pmi: seen(index.value, knownPmi),
    slope: seen(slopes.value, knownSlope),
    inverted_share: seen(inverted, knownSlope),
  };

  const codes = new Uint8Array(decisions.length).fill(DEFAULT_CODE);
  const defaults = new Uint8Array(decisions.length).fill(1);
  for (let i = 0; i < codes.length; i++) {
    if (!isUsable(knownSlope.states[i]!) || knownPmi.states[i] === EXPIRED) continue;
    // An unknown PMI is NaN, which is neither above nor at most anything: no EXPANSION by absence.
    const grows = inputs.pmi[i]! > macro.pmi;
    if (grows && inputs.slope[i]! >= 0) codes[i] = EXPANSION;
    else codes[i] = !grows && inputs.inverted_share[i] === 1 ? RECESSION : SLOWDOWN;
    defaults[i] = 0;
  }
  return { codes, defaults, inputs, notes: macroNotes(knownPmi, knownSlope) };
}

/** 10-year less 2-year yield on the days that have both, known when both are. */
function slopesOf(curve: YieldCurve): Pick<Series, "availableAt" | "value"> {
  const ten = observations(curve.tenYear);
  const two = observations(curve.twoYear);
  const availableAt = new Float64Array(ten.date.length);
  const value = new Float64Array(ten.date.length);
  let rows = 0;
  for (let i = 0, j = 0; i < ten.date.length; i++) {
    while (j < two.date.length && two.date[j]! < ten.date[i]!) j++;
    if (two.date[j] !== ten.date[i]) continue;
    availableAt[rows] = Math.max(ten.availableAt[i]!, two.availableAt[j]!);
    value[rows++] = ten.value[i]! - two.value[j]!;
  }
  return { availableAt: availableAt.subarray(0, rows), value: value.subarray(0, rows) };
}

/** Share of the last `n` slopes that are below 0; NaN while there are fewer. */
function invertedShare(slopes: Float64Array, n: number): Float64Array {
  let inverted = 0;
  return slopes.map((slope, row) => {
    if (slope < 0) inverted++;
    if (row >= n && slopes[row - n]! < 0) inverted--;
    return row < n - 1 ? NaN : inverted / n;
  });
}

function macroNotes(pmi: Known, slope: Known) {
  return [
    ...notesOf("macro", slope.states, sourceNotes("slope of the yield curve")),
    ...notesOf("macro", pmi.states, {
      ...sourceNotes("PMI"),
      [UNKNOWN]: { kind: "substitute", reason: "no PMI is known: slope of the yield curve alone" },
    }),
  ];
}
