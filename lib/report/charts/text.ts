import { formatNumber, formatPercent, NOTHING } from "../format.ts";

// In shares of the size, after the wider of the usual fonts.
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[iljtfr.,:;'|!()[\] ]/, 0.36],
  [/[MWmw%@]/, 0.92],
  [/[A-Z]/, 0.7],
];

/** Pixels that a text takes in a common sans-serif, never much too few. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const letter of text) {
    width += WIDTHS.find(([letters]) => letters.test(letter))?.[1] ?? 0.6;
  }
  return width * size;
}

/** At most `width` pixels of a text; what is cut is shown by an ellipsis. */
export function shortened(text: string, width: number, size: number): string {
  if (textWidth(text, size) <= width) return text;
  const letters = [...text];
  while (letters.length > 1 && textWidth(`${letters.join("")}…`, size) > width) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

/** Lines of at most `width` pixels, broken between words; a longer word is cut. */
export function wrapped(text: string, width: number, size: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)!} ${word}`;
    if (lines.length > 0 && textWidth(longer, size) <= width) lines[lines.length - 1] = longer;
    else lines.push(shortened(word, width, size));
  }
  return lines;
}

/** A number on an axis with a thousands letter and as many decimals as tell ticks `step` apart: `12.5k`, `1.25M`. */
export function compact(value: number, step: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  const [unit, letter] = UNITS.find(([unit]) => Math.abs(value) >= unit) ?? [1, ""];
  return `${Number((value / unit).toFixed(decimalsOf(step / unit)))}${letter}`;
}

const UNITS = [[1e9, "B"], [1e6, "M"], [1e3, "k"]] as const;

/** A plain number on an axis with ticks `step` apart. */
export function plainTick(value: number, step: number): string {
  return formatNumber(value, decimalsOf(step));
}

/** Decimals that tell numbers apart that differ by `step`, 8 at most. */
function decimalsOf(step: number): number {
  let decimals = 0;
  for (let rest = step; rest > 0 && rest < 0.999 && decimals < 8; rest *= 10) decimals++;
  return decimals;
}

/** A fraction on an axis: `12%`, `0.5%`. */
export function percentTick(value: number): string {
  return `${Number((value * 100).toPrecision(4))}%`;
}

/** A fraction with its sign: `+12.3%`. */
export function signedPercent(value: number | null, digits = 1): string {
  const shown = formatPercent(value, digits);
  return value !== null && value > 0 && shown !== NOTHING ? `+${shown}` : shown;
}

/** Money with its sign and without decimals: `+1,234`. */
export function signedMoney(value: number): string {
  const shown = formatNumber(value, 0);
  return value > 0 && shown !== "0" ? `+${shown}` : shown;
}

/** `1 run`, `2 runs`, `1,000 runs`. */
export function counted(count: number, noun: string): string {
  return `${formatNumber(count, 0)} ${noun}${count === 1 ? "" : "s"}`;
}
