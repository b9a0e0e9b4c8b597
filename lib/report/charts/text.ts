import { formatNumber, formatPercent, NOTHING } from "../format.ts";

/** Pixels that a text takes in a common sans-serif, never much too few. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const letter of text) {
    width += /[iljtfr.,:;'|!()[\] ]/.test(letter) ? 0.33 : /[A-Zmw%@_]/.test(letter) ? 0.7 : 0.57;
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

/** Three figures and a thousands letter: `950`, `12.5k`, `1.25M`. */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  const size = Math.abs(value);
  for (const [unit, letter] of [[1e9, "B"], [1e6, "M"], [1e3, "k"]] as const) {
    if (size >= unit) return `${Number((value / unit).toPrecision(3))}${letter}`;
  }
  return String(Number(value.toPrecision(3)));
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
