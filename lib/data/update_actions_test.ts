import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { CorporateAction } from "../core/bars.ts";
import { fixedClock, parseDate } from "../core/clock.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { readActions } from "./actions.ts";
import { spy, steadyBars } from "./bar_fixtures.ts";
import { checkAdjustment, disagreementText } from "./check_adjustment.ts";
import { actionsFile } from "./places.ts";
import { fakeSource } from "./source_fixtures.ts";
import { updateActions } from "./update_actions.ts";

const [from, to] = [parseDate("2024-01-01"), parseDate("2025-01-01")];
const asked = { from, to, clock: fixedClock(to), splits: "raw" } as const;

function action(date: string, kind: CorporateAction["kind"], value: number): CorporateAction {
  return { symbol: "SPY", exDate: parseDate(date), kind, value };
}

function telling(...actions: CorporateAction[]) {
  return { ...fakeSource(), actions: () => Promise.resolve(actions) };
}

Deno.test("FR-008 dividends and splits are added once; asking again changes no byte", () =>
  inTestFolder(async (root) => {
    const source = telling(
      action("2024-03-15", "dividend", 1.5),
      action("2024-06-21", "split", 2),
      action("2024-06-21", "dividend", 0.8),
    );
    const report = await updateActions(root, spy, source, asked);
    deepStrictEqual([report.added, report.rows, report.revised], [3, 3, []]);
    const bytes = await readFile(actionsFile(root));
    strictEqual((await updateActions(root, spy, source, asked)).added, 0);
    deepStrictEqual(await readFile(actionsFile(root)), bytes);
    const other = { ...spy, symbol: "QQQ" };
    await updateActions(root, other, {
      ...source,
      actions: () => Promise.resolve([{ ...action("2024-03-15", "dividend", 1), symbol: "QQQ" }]),
    }, asked);
    strictEqual((await readActions(root)).length, 4);
  }));

Deno.test("FR-009 another value is reported, and taken only when accepted; what the source lacks stays", () =>
  inTestFolder(async (root) => {
    const old = telling(
      action("2024-03-15", "dividend", 1.5),
      action("2024-06-21", "dividend", 1.6),
    );
    await updateActions(root, spy, old, asked);
    const revised = telling(action("2024-03-15", "dividend", 1.7));
    const report = await updateActions(root, spy, revised, asked);
    deepStrictEqual(report.revised, [{ action: "2024-03-15 dividend", stored: 1.5, found: 1.7 }]);
    deepStrictEqual(report.unknownAtSource, ["2024-06-21 dividend"]);
    const values = async () => (await readActions(root)).map(({ value }) => value);
    deepStrictEqual(await values(), [1.5, 1.6]);
    const accepted = await updateActions(root, spy, revised, { ...asked, acceptRevisions: true });
    deepStrictEqual(await values(), [1.7, 1.6]);
    match(accepted.before!, /actions\.parquet\.before-20250101T000000Z$/);
  }));

Deno.test("FR-003 a dividend is kept in units of the prices beside it, whatever the source counts in", () =>
  inTestFolder(async (root) => {
    const raw = telling(action("2024-03-15", "dividend", 1.5), action("2024-06-21", "split", 2));
    await updateActions(root, spy, raw, { ...asked, splits: "applied" });
    deepStrictEqual((await readActions(root)).map(({ value }) => value), [0.75, 2]);
    const applied = { ...raw, splits: "applied" as const };
    const report = await updateActions(root, spy, applied, { ...asked, splits: "raw" });
    deepStrictEqual(report.revised, [{ action: "2024-03-15 dividend", stored: 0.75, found: 3 }]);
  }));

Deno.test("FR-006 a source that fails leaves the table as it was", () =>
  inTestFolder(async (root) => {
    const failing = { ...fakeSource(), actions: () => Promise.reject(new Error("gone")) };
    await rejects(updateActions(root, spy, failing, asked), /gone/);
    deepStrictEqual(await readActions(root), []);
  }));

/** Ten sessions at 100, halved from the fifth on where `split` says so. */
function prices(split: boolean) {
  const { openTime } = steadyBars(spy, "daily", "2024-06-03", "2024-06-15");
  return { openTime, close: openTime.map((_, row) => split && row >= 4 ? 50 : 100) };
}

const exDate = "2024-06-07"; // the fifth session
const flat = (value = 100) => {
  const { openTime } = prices(false);
  return { openTime, close: openTime.map(() => value) };
};
/** Adjusted for a dividend of one hundredth of the price. */
const dividendAdjusted = (times = 1) => {
  const { openTime } = prices(false);
  const share = times === 2 ? 0.99 * 0.99 : 0.99;
  return { openTime, close: openTime.map((_, row) => row < 4 ? 100 * share : 100) };
};

const cases: readonly [
  title: string,
  cause: RegExp | undefined,
  found: ReturnType<typeof checkAdjustment>,
][] = [
  [
    "prices and source agree about a split",
    undefined,
    checkAdjustment(prices(true), [action(exDate, "split", 2)], false, flat(50)),
  ],
  [
    "the source misses a split",
    /^2024-06-07: the source misses the split of 2$/,
    checkAdjustment(prices(true), [action(exDate, "split", 2)], false, prices(true)),
  ],
  [
    "our actions miss a split",
    /^2024-06-07: a split of 2 is missing from the actions$/,
    checkAdjustment(prices(true), [], false, flat(50)),
  ],
  [
    "neither has the split",
    /a split of 2 is missing from the actions and from the source: the price moved by 0\.5000$/,
    checkAdjustment(prices(true), [], false, prices(true)),
  ],
  [
    "a split is counted twice",
    /the split of 2 is counted twice: prices carry it already$/,
    checkAdjustment(flat(), [action(exDate, "split", 2)], false, flat()),
  ],
  [
    "splits in the prices are left alone",
    undefined,
    checkAdjustment(flat(), [action(exDate, "split", 2)], true, flat()),
  ],
  [
    "a dividend is in both",
    undefined,
    checkAdjustment(flat(), [action(exDate, "dividend", 1)], false, dividendAdjusted()),
  ],
  [
    "our actions miss a dividend",
    /a dividend of 1\.00% of the price is missing from the actions$/,
    checkAdjustment(flat(), [], false, dividendAdjusted()),
  ],
  [
    "the source misses a dividend",
    /the source misses the dividend of 1$/,
    checkAdjustment(flat(), [action(exDate, "dividend", 1)], false, flat()),
  ],
  [
    "the source counts a dividend twice",
    /the source counts the dividend twice$/,
    checkAdjustment(flat(), [action(exDate, "dividend", 1)], false, dividendAdjusted(2)),
  ],
];

for (const [title, cause, found] of cases) {
  Deno.test(`FR-003 adjustment is checked against the source: ${title}`, () => {
    const texts = found.map(disagreementText);
    if (cause === undefined) deepStrictEqual(texts, []);
    else {
      strictEqual(texts.length, 1);
      match(texts[0]!, cause);
      ok(found[0]!.ours !== undefined);
    }
  });
}
