import { match, notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { areaColor, darkStyle, divergingCell, lineColor, sequentialCell } from "./palette.ts";

/** Contrast of two colours (WCAG 2.2). */
function contrast(a: string, b: string): number {
  const luminance = (color: string) => {
    const channels = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255)
      .map((share) => share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4));
    return 0.2126 * channels[0]! + 0.7152 * channels[1]! + 0.0722 * channels[2]!;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

/** What a colour becomes where a dark scheme is preferred. */
function darkOf(color: string): string {
  return new RegExp(`fill="${color}"\\]\\{fill:(#\\w{6})`).exec(
    darkStyle(".c", `fill="${color}"`),
  )![1]!;
}

Deno.test("every line is read on white and on dark, at 3 to 1 or more", () => {
  for (let place = 0; place < 8; place++) {
    const color = lineColor(place);
    ok(contrast(color, "#ffffff") >= 3, `${color} on white`);
    ok(contrast(darkOf(color), darkOf("#ffffff")) >= 3, `${darkOf(color)} on dark`);
  }
});

Deno.test("the text of every cell is read on its colour, light and dark", () => {
  for (const share of [-0.99, -0.7, -0.5, -0.3, 0, 0.3, 0.5, 0.7, 0.99]) {
    for (const { fill, text } of [divergingCell(share), sequentialCell(Math.abs(share))]) {
      ok(contrast(fill, text) >= 3.8, `${text} on ${fill}: ${contrast(fill, text)}`);
      ok(contrast(darkOf(fill), darkOf(text)) >= 3.8, `dark ${text} on ${fill}`);
    }
  }
});

Deno.test("a place has its colour for ever, and neighbours differ", () => {
  strictEqual(lineColor(9), lineColor(1));
  notStrictEqual(areaColor(0), areaColor(1));
  notStrictEqual(divergingCell(0.2).fill, divergingCell(-0.2).fill);
});

Deno.test("darkStyle() turns only the colours that are there", () => {
  match(
    darkStyle(".c", 'stroke="#0072b2"'),
    /^@media .*\{\.c \[stroke="#0072b2"\]\{stroke:#\w+\}\}$/,
  );
  strictEqual(darkStyle(".c", "nothing"), "@media (prefers-color-scheme:dark){}");
});
