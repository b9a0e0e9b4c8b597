/** A colour on a light background and what it becomes on a dark one. */
type Shades = readonly [light: string, dark: string];

/** Text, lines of the frame, and the panel they stand on. */
export const INK = "#1f2430";
export const MUTED = "#5b6472";
export const GRID = "#e7e9ee";
export const BORDER = "#dfe3e8";
export const PANEL = "#ffffff";

/** Losses and falls, beside a place below zero or a sign: never told by colour alone. */
export const LOSS = "#c8500a";
export const GAIN = "#1f6fb2";
/** Bars and bands that carry no name. */
export const PLAIN = "#7f9cb8";
/** Money that no model made. */
export const RESIDUAL = "#a7afbb";
/** Runs in the background of a comparison. */
export const FAINT = "#c5cad3";

// Lines: Okabe and Ito's colours (2008), the lightest darkened until they are read on white.
const LINES: readonly Shades[] = [
  ["#0072b2", "#4ba3e3"],
  ["#d55e00", "#f08a3c"],
  ["#009e73", "#2fc79a"],
  ["#b0578d", "#dd9cc4"],
  ["#8c6d00", "#d9b430"],
  ["#3b8ea5", "#7fd0e6"],
  ["#7a4fbf", "#b699f0"],
  ["#5f6b7a", "#a9b4c4"],
];

// Areas: Paul Tol's muted scheme, neighbours as far apart as it allows.
const AREAS: readonly Shades[] = [
  ["#332288", "#7d78d8"],
  ["#88ccee", "#5aa9d6"],
  ["#ddcc77", "#c9b34a"],
  ["#117733", "#3fa565"],
  ["#cc6677", "#e0808f"],
  ["#44aa99", "#56c2b0"],
  ["#882255", "#c2588d"],
  ["#999933", "#b9b94a"],
  ["#aa4499", "#cf74c0"],
];

const YARDSTICKS: readonly Shades[] = [
  ["#6b7280", "#a3abb8"],
  ["#a0703a", "#c9a676"],
  ["#5d8a70", "#9cc4ad"],
  ["#84679f", "#b9a2d6"],
];

const TINTS: readonly Shades[] = [
  ["#e5f0f9", "#12283b"],
  ["#eef0f3", "#21252d"],
  ["#fce8d8", "#382414"],
];

// Orange to blue through grey (after ColorBrewer's PuOr and RdBu), safe for every kind of colour blindness.
const DIVERGING: readonly Shades[] = [
  ["#b35806", "#f0a04b"],
  ["#e08a24", "#a05715"],
  ["#fdbf74", "#744314"],
  ["#fee3c0", "#452c15"],
  ["#f2f3f6", "#24272e"],
  ["#d4e6f2", "#16304a"],
  ["#9ccae2", "#1c486e"],
  ["#5fa5d0", "#2a6ca0"],
  ["#2166ac", "#6fb6ea"],
];

const SEQUENTIAL: readonly Shades[] = [
  ["#f3f7fb", "#141d28"],
  ["#d9e6f3", "#182a3d"],
  ["#b9d3e9", "#1b3a57"],
  ["#92bcdd", "#1f4c74"],
  ["#689fcc", "#296292"],
  ["#4482b9", "#3a7cb0"],
  ["#2a66a0", "#5798c9"],
  ["#174b81", "#82b6de"],
  ["#0b3261", "#b5d6ef"],
];

const SHADES: readonly Shades[] = [
  [INK, "#e6e8ec"],
  [MUTED, "#9aa3b2"],
  [GRID, "#2a2e37"],
  [BORDER, "#2f343e"],
  [PANEL, "#15171c"],
  [LOSS, "#f28c4a"],
  [GAIN, "#5fb0ee"],
  [PLAIN, "#6488ab"],
  [RESIDUAL, "#6b7483"],
  [FAINT, "#3b414c"],
  ...LINES,
  ...AREAS,
  ...YARDSTICKS,
  ...TINTS,
  ...DIVERGING,
  ...SEQUENTIAL,
];

/** Dash patterns of the yardsticks: they differ without their colours too. */
const DASHES = ["7 3", "2 2.5", "9 3 2 3", "4 4"] as const;

/** The colour of the model at `place` in the list of its run; after eight they begin again. */
export function lineColor(place: number): string {
  return LINES[place % LINES.length]![0];
}

/** The colour of the asset at `place` in the list of its run. */
export function areaColor(place: number): string {
  return AREAS[place % AREAS.length]![0];
}

/** Colour and dashes of the benchmark at `place`. */
export function yardstick(place: number): { readonly color: string; readonly dash: string } {
  return {
    color: YARDSTICKS[place % YARDSTICKS.length]![0],
    dash: DASHES[place % DASHES.length]!,
  };
}

/** Background of a regime's label: the first (good) bluish, the last (bad) orange, what lies between grey. */
export function tint(place: number, labels: number): string {
  return TINTS[place === 0 ? 0 : place === labels - 1 ? 2 : 1]![0];
}

/** A cell's colour and that of the text on it; `share` is −1 (most below) to 1 (most above). */
export function divergingCell(share: number): { readonly fill: string; readonly text: string } {
  return cell(DIVERGING, (share + 1) / 2, (place) => place === 0 || place === 8);
}

/** The same for values that only grow; `share` is 0 to 1. */
export function sequentialCell(share: number): { readonly fill: string; readonly text: string } {
  return cell(SEQUENTIAL, share, (place) => place >= 5);
}

function cell(shades: readonly Shades[], share: number, isStrong: (place: number) => boolean) {
  const place = Math.min(shades.length - 1, Math.max(0, Math.floor(share * shades.length)));
  // The panel's colour turns over with the scheme, as the strong shades do.
  return { fill: shades[place]![0], text: isStrong(place) ? PANEL : INK };
}

/** Style sheet that turns the colours used in `markup` over where a dark scheme is preferred; `scope` is a selector. */
export function darkStyle(scope: string, markup: string): string {
  const rules = SHADES.flatMap(([light, dark]) =>
    (["fill", "stroke"] as const)
      .filter((name) => markup.includes(`${name}="${light}"`))
      .map((name) => `${scope} [${name}="${light}"]{${name}:${dark}}`)
  );
  return `@media (prefers-color-scheme:dark){${rules.join("")}}`;
}
