import { ok, strictEqual } from "node:assert/strict";
import { readFile } from "node:fs/promises";

const css = await readFile(new URL("client/sheet.css", import.meta.url), "utf8");

/** The colours of each theme: the light one, the dark one by preference, the dark one by choice. */
const themes = [...css.matchAll(/:root[^{]*\{([^}]*--paper[^}]*)\}/g)].map(([, body]) =>
  Object.fromEntries(
    [...body!.matchAll(/--([a-z0-9]+): (#[0-9a-f]{6})/g)].map(([, name, colour]) => [name, colour]),
  ) as Readonly<Record<string, string>>
);

/** WCAG 2.1: relative luminance of an sRGB colour. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

Deno.test("FR-061 text is read on its background in light and dark: contrast of at least 4.5", () => {
  strictEqual(themes.length, 3);
  for (const theme of themes) {
    for (const text of ["ink", "quiet", "accent", "good", "warn", "bad"]) {
      for (const background of ["paper", "raised"]) {
        const ratio = contrast(theme[text]!, theme[background]!);
        ok(ratio >= 4.5, `${text} on ${background}: ${ratio.toFixed(2)}`);
      }
    }
    for (let place = 1; place <= 8; place++) {
      const ratio = contrast(theme[`c${place}`]!, theme.paper!);
      ok(ratio >= 3, `line ${place}: ${ratio.toFixed(2)}`);
    }
  }
});

Deno.test("FR-061 both ways to dark give the same colours, and paper is always light", () => {
  strictEqual(JSON.stringify(themes[1]), JSON.stringify(themes[2]));
  ok(/@media screen and \(prefers-color-scheme: dark\)/.test(css));
  ok(/@media screen \{\s*:root\[data-theme="dark"\]/.test(css));
  ok(/prefers-reduced-motion/.test(css) && /:focus-visible/.test(css));
});
