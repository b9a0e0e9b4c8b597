import { deepStrictEqual, rejects } from "node:assert/strict";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import type { CorporateAction } from "../core/bars.ts";
import { parseDate } from "../core/clock.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { readActions, writeActions } from "./actions.ts";
import { actionsFile } from "./places.ts";

const description = { source: "made by hand", licence: "none" };
const dividend: CorporateAction = {
  symbol: "SPY",
  exDate: parseDate("2020-03-20"),
  kind: "dividend",
  value: 1.406,
};
const split: CorporateAction = { ...dividend, symbol: "QQQ", kind: "split", value: 2 };

Deno.test("FR-007 actions come back sorted by symbol, ex-date and kind", () =>
  inTestFolder(async (root) => {
    const earlier = { ...dividend, exDate: parseDate("2019-12-20") };
    await writeActions(
      root,
      [dividend, split, { ...split, kind: "dividend" }, earlier],
      description,
    );
    deepStrictEqual(await readActions(root), [
      { ...split, kind: "dividend" },
      split,
      earlier,
      dividend,
    ]);
  }));

Deno.test("FR-007 without a table there are no actions", () =>
  inTestFolder(async (root) => deepStrictEqual(await readActions(root), [])));

const broken: readonly [title: string, actions: readonly CorporateAction[], message: RegExp][] = [
  [
    "a dividend twice on one day",
    [dividend, { ...dividend, value: 1 }],
    /row 1, column ex_date: found a second dividend of SPY on 2020-03-20, expected one/,
  ],
  [
    "a split of 0",
    [{ ...split, value: 0 }],
    /row 0, column value: found 0, expected a number above/,
  ],
  ["a NaN dividend", [{ ...dividend, value: NaN }], /row 0, column value: found NaN/],
  [
    "an unknown kind",
    [{ ...dividend, kind: "spinoff" as "split" }],
    /row 0, column kind: found "spinoff", expected "dividend" or "split"/,
  ],
];

for (const [title, actions, message] of broken) {
  Deno.test(`FR-009 a table of actions is refused with its row: ${title}`, () =>
    inTestFolder(async (root) => {
      await writeActions(root, actions, description);
      await rejects(readActions(root), { name: "Refusal", message });
    }));
}

Deno.test("FR-009 a damaged table of actions is refused", () =>
  inTestFolder(async (root) => {
    await writeActions(root, [dividend, split], description);
    const whole = await readFile(actionsFile(root));
    whole[whole.indexOf("SPY")] = "X".charCodeAt(0);
    await writeFile(actionsFile(root), whole);
    await rejects(readActions(root), { name: "Refusal", message: /content_hash: found data/ });
    await appendFile(actionsFile(root), "more");
    await rejects(readActions(root), { name: "Refusal", message: /undamaged Parquet file/ });
  }));
