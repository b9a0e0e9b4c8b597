import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { sha256 } from "../../lib/core/hash.ts";
import { inTestFolder } from "../../lib/core/test_folder.ts";
import { compareGolden } from "./compare.ts";
import { movedSince } from "./moved.ts";
import type { Golden } from "./pins.ts";

function golden(figures: Record<string, unknown>, lines: readonly string[]): Golden {
  return {
    statistics: { portfolio: figures },
    orders: { count: lines.length, sha256: sha256(lines.join("\n")) },
    lines,
  };
}

const PINNED = golden({ sharpe: 0.1 + 0.2, fills: 2, bps: null }, ["buy 1", "sell 1"]);

Deno.test("FR-060 a golden run that is as pinned says nothing", () => {
  strictEqual(
    movedSince(PINNED, golden({ sharpe: 0.1 + 0.2, fills: 2, bps: null }, PINNED.lines)),
    "",
  );
  strictEqual(movedSince(golden({ pnl: 0 }, []), golden({ pnl: -0 }, [])), "");
});

Deno.test("FR-060 one bit of one figure is enough to have moved, and both numbers are shown in full", () => {
  const text = movedSince(PINNED, golden({ sharpe: 0.3, fills: 2, bps: null }, PINNED.lines));
  deepStrictEqual(text.split("\n").slice(2).map((line) => line.split(/ +/)), [
    ["portfolio.sharpe", "0.30000000000000004", "0.3"],
  ]);
});

Deno.test("FR-060 figures that came or went are told with a dash, and a long list is cut", () => {
  const text = movedSince(PINNED, golden({ sharpe: 0.1 + 0.2, fills: 2, cagr: 1 }, PINNED.lines));
  deepStrictEqual(text.split("\n").slice(2).map((line) => line.split(/ +/)), [
    ["portfolio.cagr", "–", "1"],
    ["portfolio.bps", "null", "–"],
  ]);
  const many = Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`figure_${i}`, i]));
  const long = movedSince(golden({}, []), golden(many, []));
  ok(/portfolio\.figure_19 +– +19\n… and 3 more$/.test(long), long);
});

Deno.test("FR-060 the portfolio's figures are told first, those by regime last", () => {
  const statistics = (fills: number) => ({
    regimes: { equity: { BULL: fills } },
    assets: { SPY: fills },
    portfolio: { fills },
  });
  const text = movedSince(
    { ...PINNED, statistics: statistics(1) },
    { ...PINNED, statistics: statistics(2) },
  );
  deepStrictEqual(text.split("\n").slice(2).map((line) => line.split(" ")[0]), [
    "portfolio.fills",
    "assets.SPY",
    "regimes.equity.BULL",
  ]);
});

Deno.test("FR-060 of orders the first that differs is shown as it was and as it is", () => {
  const { statistics } = PINNED;
  const shown = (lines: readonly string[]) =>
    movedSince(PINNED, { ...golden({}, lines), statistics });
  strictEqual(
    shown(["buy 1", "sell 2", "buy 3"]),
    "First differing order: number 2 of 2 pinned, 3 now\n  pinned  sell 1\n  now     sell 2",
  );
  strictEqual(
    shown(["buy 1"]),
    "First differing order: number 2 of 2 pinned, 1 now\n  pinned  sell 1\n  now     none",
  );
});

/** Compares one made-up run with the pin in `folder`. */
function compare(folder: string, now: Golden, repin = false) {
  return compareGolden({
    folder,
    repin,
    plans: [{ name: "one", files: [] }],
    run: () => Promise.resolve(now),
  });
}

Deno.test("FR-060 only --repin writes pins, tells what moved, and the next comparison finds them", async () => {
  await inTestFolder(async (folder) => {
    const none = { text: "one: moved\nNot pinned yet: 2 orders", moved: true };
    deepStrictEqual(await compare(folder, PINNED), none);
    deepStrictEqual(await readdir(folder), []);
    deepStrictEqual(await compare(folder, PINNED, true), none);
    deepStrictEqual((await readdir(folder)).sort(), ["one.json", "one.orders.csv"]);
    deepStrictEqual(await compare(folder, PINNED), { text: "one: as pinned", moved: false });
    const other = golden({ sharpe: 0.3, fills: 2, bps: null }, ["buy 1", "sell 2"]);
    const found = await compare(folder, other);
    ok(found.moved && /sharpe +0\.30000000000000004 +0\.3\n/.test(found.text), found.text);
    deepStrictEqual(await compare(folder, other, true), found);
    deepStrictEqual(await compare(folder, other), { text: "one: as pinned", moved: false });
  });
});

Deno.test("FR-060 a pin changed by hand is refused by file, and --repin replaces it", async () => {
  await inTestFolder(async (folder) => {
    await compare(folder, PINNED, true);
    const orders = `${folder}one.orders.csv`;
    await writeFile(orders, (await readFile(orders, "utf8")).replace("sell 1", "sell 2"));
    await rejects(compare(folder, PINNED), {
      name: "Refusal",
      message:
        `${orders}: found other orders than one.json was pinned with, expected them unchanged`,
    });
    await writeFile(`${folder}one.json`, "{}");
    await rejects(compare(folder, PINNED), {
      name: "Refusal",
      message: `${folder}one.json: found no pin, expected what deno task golden --repin writes`,
    });
    await compare(folder, PINNED, true);
    deepStrictEqual(await compare(folder, PINNED), { text: "one: as pinned", moved: false });
  });
});
