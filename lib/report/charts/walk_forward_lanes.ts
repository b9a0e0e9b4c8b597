import { canonicalJson } from "../../core/hash.ts";
import type { ParameterValue } from "../../core/search_space.ts";
import type { Drawing } from "./drawing.ts";
import { valueText } from "./experiment_source.ts";
import { LINE, TEXT_SIZE, textAt } from "./label.ts";
import { element, escaped } from "./markup.ts";
import { INK, MUTED, sequentialCell } from "./palette.ts";
import { textWidth } from "./text.ts";

/** One parameter over the windows. */
export interface Lane {
  readonly label: string;
  readonly values: readonly (ParameterValue | null)[];
}

const MOST_LANES = 6;
const CELL = 18;
const STEP = LINE + CELL + 4;

/** A strip for each parameter, one cell a window, darker for more; of many parameters those that change most. */
export function parameterLanes(
  lanes: readonly Lane[],
  { width, spans }: {
    readonly width: number;
    /** Pixels from the left of each window. */
    readonly spans: readonly (readonly [number, number])[];
  },
): { readonly drawing: Drawing | undefined; readonly left: number } {
  const changes = ({ values }: Lane) => distinct(values).length;
  const chosen = lanes.toSorted((a, b) => changes(b) - changes(a)).slice(0, MOST_LANES);
  const shown = lanes.filter((lane) => chosen.includes(lane));
  const markup = shown.map((lane, place) => laneMarkup(lane, { spans, top: place * STEP })).join(
    "",
  );
  const none = () => NaN;
  return {
    left: lanes.length - shown.length,
    drawing: shown.length === 0 ? undefined : {
      ...{ width, height: shown.length * STEP + 6, markup, x: none, y: none, bandwidth: none },
    },
  };
}

function laneMarkup(
  { label, values }: Lane,
  { spans, top }: { readonly spans: readonly (readonly [number, number])[]; readonly top: number },
): string {
  const among = distinct(values);
  const first = spans[0]?.[0] ?? 0;
  const cells = values.map((value, place) => {
    const [from, to] = spans[place]!;
    const at = among.findIndex((other) => canonicalJson(other) === canonicalJson(value));
    const share = among.length < 2 ? 0.2 : 0.1 + 0.6 * at / (among.length - 1);
    const { fill, text } = sequentialCell(share);
    const name = valueText(value);
    const fits = textWidth(name, TEXT_SIZE) <= to - from - 6;
    return element(
      "rect",
      { x: from + 0.5, y: top + LINE, width: Math.max(0.5, to - from - 1), height: CELL, fill },
      element("title", {}, escaped(`${label} ${name}`)),
    ) + (fits
      ? textAt(name, { x: (from + to) / 2, y: top + LINE + 13, color: text, anchor: "middle" })
      : "");
  });
  const title = textAt(
    among.length < 2 ? `${label}, never changed` : label,
    { x: first, y: top + 12, color: among.length < 2 ? MUTED : INK, anchor: "start" },
  );
  return title + cells.join("");
}

/** Each value once, numbers by size. */
function distinct(values: readonly (ParameterValue | null)[]): readonly (ParameterValue | null)[] {
  const once = [...new Map(values.map((value) => [canonicalJson(value), value])).values()];
  return once.every((value) => typeof value === "number")
    ? once.toSorted((a, b) => Number(a) - Number(b))
    : once;
}
