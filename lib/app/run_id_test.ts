import { deepStrictEqual, match, notStrictEqual, strictEqual } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { type Bars, PRICE_COLUMNS } from "../core/bars.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { btc } from "../data/bar_fixtures.ts";
import { writeActions } from "../data/mod.ts";
import { backtest } from "./backtest.ts";
import { codeFingerprint } from "./code_fingerprint.ts";
import { loadData } from "./load_data.ts";
import { type LoadedPlan, loadPlan, type PlanOptions } from "./load_plan.ts";
import { runIdOf } from "./run_id.ts";
import { CROSS_FILE, tinyPlan, waves, writeBtc, writeSpy } from "./test_market.ts";

const BUDGET = "models.MovingAverageCrossModel_v1";

async function idOf(loaded: LoadedPlan): Promise<string> {
  return runIdOf(loaded, await loadData(loaded), await codeFingerprint());
}

async function withIds(
  action: (
    id: (options?: PlanOptions) => Promise<string>,
    root: string,
    folder: string,
  ) => Promise<void>,
): Promise<void> {
  await inTestFolder(async (folder) => {
    const root = `${folder}data`;
    await writeBtc(root);
    await action(async (options) => await idOf(await tinyPlan(root, options)), root, folder);
  });
}

/** The same bars with one price changed. */
function withChange(bars: Bars, row: number): Bars {
  return { ...bars, close: bars.close.map((value, i) => i === row ? value + 0.5 : value) };
}

Deno.test("FR-060 a run id is 16 hex digits and changes with whatever decides the result", async () => {
  await withIds(async (id) => {
    const base = await id();
    match(base, /^[0-9a-f]{16}$/);
    const changes: readonly PlanOptions[] = [
      { end: "2024-02-16" },
      { start: "2024-02-02" },
      { sets: [`${BUDGET}.budget_fraction=0.9`] },
      { sets: [`${BUDGET}.parameters.slow_ma=9`] },
      { sets: [`${BUDGET}.missing=skip`] },
      { sets: ["system.backtest_initial_nav=100001"] },
      { sets: ["system.seed=2"] },
      { sets: ["risk.per_asset_cap=0.39"] },
      { sets: ["risk.class_caps.crypto=null"] },
      { sets: ["execution.costs.crypto.fee_bps=11"] },
      { sets: ["execution.sizing=fill_price"] },
      { sets: ["assets.BTC.quantity_precision=4"] },
      { sets: ["data.max_gap_bars=6"] },
    ];
    const ids = await Promise.all(changes.map(id));
    strictEqual(new Set([base, ...ids]).size, 1 + changes.length);
  });
});

Deno.test("FR-060 a run id does not change with names, stages, time limits, unused assets or costs", async () => {
  await withIds(async (id) => {
    const base = await id();
    for (
      const sets of [
        ["experiment={name: other, description: whatever}"],
        [`${BUDGET}.lifecycle_stage=live`],
        ["system.model_timeout_ms=60000"],
        ["system.model_memory_mb=4096"],
        ["assets.SPY.venue=elsewhere", "assets.SPY.min_order_size=5"],
        ["execution.costs.equity.fee_bps=77"],
        ["data.live_feed=sip"],
        [`${BUDGET}.version=1.0.0`],
      ]
    ) strictEqual(await id({ sets }), base, sets[0]);
  });
});

Deno.test("FR-052 a run id does not change with the order of keys, files or symbols", async () => {
  await withIds(async (id, root, folder) => {
    await writeSpy(root, ["h4"]);
    const [one, two] = [`${folder}one.yaml`, `${folder}two.yaml`];
    await writeFile(
      one,
      "risk: { per_asset_cap: 0.3, max_leverage: 1 }\nexecution: { cash_rate: 0.01 }\n",
    );
    await writeFile(
      two,
      "execution: { cash_rate: 0.01 }\nrisk: { max_leverage: 1, per_asset_cap: 0.3 }\n",
    );
    const of = (file: string, universe: string) =>
      loadPlan([CROSS_FILE, file], {
        start: "2024-02-01",
        end: "2024-02-15",
        sets: [`data.root=${root}`, `${BUDGET}.universe=${universe}`],
      }).then(idOf);
    strictEqual(await of(one, "[BTC, SPY]"), await of(two, "[SPY, BTC]"));
    notStrictEqual(await of(one, "[BTC]"), await id());
  });
});

Deno.test("FR-060 a run id changes with data the run can see, and with no other", async () => {
  await withIds(async (id, root, folder) => {
    const base = await id();
    const bars = waves(btc, "h4");
    const end = bars.openTime.indexOf(Date.parse("2024-02-16T00:00:00Z"));
    const inFolder = async (name: string, changed: Bars) => {
      await writeBtc(`${folder}${name}`, changed);
      return await idOf(await tinyPlan(`${folder}${name}`));
    };
    strictEqual(await inFolder("copy", bars), base, "the same data elsewhere");
    strictEqual(await inFolder("longer", waves(btc, "h4", "2024-03-20")), base, "newer bars");
    strictEqual(await inFolder("later", withChange(bars, end)), base, "a bar after the end");
    notStrictEqual(await inFolder("last", withChange(bars, end - 1)), base, "the last bar");
    notStrictEqual(await inFolder("first", withChange(bars, 0)), base, "a bar of the warm-up");
    const dividend = { symbol: "BTC", kind: "dividend", value: 1 } as const;
    await writeActions(root, [{ ...dividend, exDate: Date.parse("2024-02-16") }], {
      source: "made by hand",
      licence: "none",
    });
    strictEqual(await id(), base, "an action after the end");
  });
});

Deno.test("FR-060 a run whose data have grown since comes out with the same bytes", async () => {
  await inTestFolder(async (folder) => {
    const resultsRoot = `${folder}results`;
    await writeBtc(`${folder}short`, waves(btc, "h4", "2024-02-16"));
    await writeBtc(`${folder}long`);
    const first = await backtest(await tinyPlan(`${folder}short`), { threads: 0, resultsRoot });
    const grown = await tinyPlan(`${folder}long`);
    const again = await backtest(grown, { threads: 0, resultsRoot, force: true });
    deepStrictEqual([again.id, again.origin], [first.id, "confirmed"]);
  });
});

Deno.test("FR-003 the data of a file are fingerprinted by value: the hash names every column", async () => {
  await inTestFolder(async (folder) => {
    const bars = waves(btc, "h4");
    const fingerprints = new Set<string>();
    for (const column of ["none", ...PRICE_COLUMNS]) {
      // Row 3 stays a sound bar whichever of its values grows a little.
      const grow = (name: typeof PRICE_COLUMNS[number]) =>
        name === column
          ? bars[name].map((value, row) => row === 3 ? value + 0.1 : value)
          : bars[name];
      const root = `${folder}${column}`;
      const [open, high, low, close, volume] = PRICE_COLUMNS.map(grow);
      await writeBtc(root, {
        ...bars,
        open: open!,
        high: high!,
        low: low!,
        close: close!,
        volume: volume!,
      });
      fingerprints.add((await loadData(await tinyPlan(root))).fingerprint);
    }
    strictEqual(fingerprints.size, 1 + PRICE_COLUMNS.length);
  });
});
