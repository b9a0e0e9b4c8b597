import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { localDisk } from "../core/atomic_file.ts";
import { DAY_MS, H4_MS, HOUR_MS } from "../core/bars.ts";
import { fixedClock, parseDate, parseTime } from "../core/clock.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { writeActions } from "./actions.ts";
import { btc, spy } from "./bar_fixtures.ts";
import { lockFile } from "./file_upkeep.ts";
import { manifestFile, readManifest } from "./manifest.ts";
import { barFile, besideFile } from "./places.ts";
import { readBars } from "./read_bars.ts";
import { candleAt, fakeSource, priceAt } from "./source_fixtures.ts";
import { updateBars } from "./update.ts";

const from = parseDate("2024-01-01");
const at = (text: string) => ({ clock: fixedClock(parseTime(text)) });
const complete = { maxGapBars: 0 };

/** Every byte under a folder, locks apart. */
async function bytesOf(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name)).sort();
  const texts = await Promise.all(files.map((file) => readFile(file, "latin1")));
  return Object.fromEntries(files.map((file, i) => [file.slice(root.length), texts[i]!]));
}

Deno.test("FR-006 a first download stores finished bars only, and reading takes them", () =>
  inTestFolder(async (root) => {
    const now = at("2024-02-01T09:30:00Z");
    const report = await updateBars(root, btc, "h4", fakeSource(), { from, ...now });
    deepStrictEqual(
      [report.outcome, report.rows, report.first, report.last],
      ["created", 31 * 6 + 2, "2024-01-01T00:00:00Z", "2024-02-01T04:00:00Z"],
    );
    const { bars, source } = await readBars(root, btc, "h4", complete);
    strictEqual(source, "made by hand");
    strictEqual(bars.close[3], priceAt(from + 15 * HOUR_MS));
    const entry = (await readManifest(root))["crypto/BTC_h4.parquet"]!;
    deepStrictEqual([entry.rows, entry.content_hash], [report.rows, report.contentHash]);
    strictEqual(entry.asked_from, "2024-01-01T00:00:00Z");
  }));

Deno.test("FR-008 an update twice changes no byte, and a later one appends only what is new", () =>
  inTestFolder(async (root) => {
    const asked: number[] = [];
    const source = { ...fakeSource() };
    const { pages } = source;
    source.pages = (request, call) => {
      asked.push(request.from);
      return pages(request, call);
    };
    await updateBars(root, btc, "h4", source, { from, ...at("2024-02-01T09:30:00Z") });
    const first = await bytesOf(root);
    const again = await updateBars(root, btc, "h4", source, at("2024-02-01T11:59:59Z"));
    deepStrictEqual([again.outcome, again.added], ["unchanged", 0]);
    deepStrictEqual(await bytesOf(root), first);
    const later = await updateBars(root, btc, "h4", source, at("2024-02-02T00:00:00Z"));
    deepStrictEqual([later.outcome, later.added], ["extended", 4]);
    // From the tenth bar from the end, no further back.
    deepStrictEqual(asked[2], parseTime("2024-02-01T04:00:00Z") - 9 * H4_MS);
    await readBars(root, btc, "h4", complete);
  }));

Deno.test("FR-008 an update in steps gives the bytes of one download", () =>
  inTestFolder((steps) =>
    inTestFolder(async (whole) => {
      for (const [asset, timeframe] of [[spy, "h4"], [spy, "daily"], [btc, "h4"]] as const) {
        const source = fakeSource({ stepMs: HOUR_MS / 2 });
        const options = { from, ...at("2024-03-20T21:00:00Z") };
        for (const day of ["2024-01-09", "2024-02-23", "2024-03-08"]) {
          await updateBars(steps, asset, timeframe, source, {
            from,
            ...at(`${day}T17:00:00Z`),
          });
        }
        await updateBars(steps, asset, timeframe, source, options);
        await updateBars(whole, asset, timeframe, source, options);
        deepStrictEqual(
          await readFile(barFile(steps, asset, timeframe)),
          await readFile(barFile(whole, asset, timeframe)),
        );
      }
    })
  ));

Deno.test("FR-008 an earlier first day is downloaded once, even when the source has nothing there", () =>
  inTestFolder(async (root) => {
    let pages = 0;
    const listed = fakeSource({
      bar: (time) => time < from ? undefined : {},
      beforePage: () => void pages++,
    });
    const now = at("2024-02-01T00:00:00Z");
    await updateBars(root, btc, "daily", listed, { from: from + 10 * DAY_MS, ...now });
    const earlier = { from: from - 400 * DAY_MS, ...now };
    const report = await updateBars(root, btc, "daily", listed, earlier);
    deepStrictEqual([report.outcome, report.added, report.first], [
      "extended",
      10,
      "2024-01-01T00:00:00Z",
    ]);
    pages = 0;
    strictEqual((await updateBars(root, btc, "daily", listed, earlier)).outcome, "unchanged");
    strictEqual(pages, 1);
  }));

Deno.test("FR-009 revised history is reported with both values and left alone until it is accepted", () =>
  inTestFolder(async (root) => {
    await updateBars(root, btc, "daily", fakeSource(), { from, ...at("2024-02-01T00:00:00Z") });
    const file = barFile(root, btc, "daily");
    const before = await readFile(file);
    const revisedDay = parseDate("2024-01-30");
    const revising = fakeSource({ bar: (time) => time === revisedDay ? { volume: 11 } : {} });
    const now = at("2024-02-02T00:00:00Z");
    const report = await updateBars(root, btc, "daily", revising, now);
    deepStrictEqual(report.revision, {
      rows: 1,
      first: { time: revisedDay, column: "volume", stored: 10, found: 11 },
    });
    deepStrictEqual([report.outcome, report.added], ["extended", 1]);
    const volumes = async () => (await readBars(root, btc, "daily", complete)).bars.volume;
    strictEqual((await volumes())[29], 10);
    await writeFile(file, before); // as it was, without the new day
    const accepted = await updateBars(root, btc, "daily", revising, {
      ...now,
      acceptRevisions: true,
    });
    deepStrictEqual([accepted.outcome, (await volumes())[29]], ["revised", 11]);
    match(accepted.before!, /BTC_daily\.parquet\.before-20240202T000000Z$/);
    deepStrictEqual(await readFile(accepted.before!), before);
  }));

Deno.test("FR-009 when the whole past has moved, as by a split, nothing is appended", () =>
  inTestFolder(async (root) => {
    await updateBars(root, btc, "daily", fakeSource(), { from, ...at("2024-02-01T00:00:00Z") });
    const first = await bytesOf(root);
    const halved = fakeSource({
      bar: (time) => {
        const { open, high, low, close } = candleAt(time);
        return { open: open / 2, high: high / 2, low: low / 2, close: close / 2 };
      },
    });
    const report = await updateBars(root, btc, "daily", halved, at("2024-02-09T00:00:00Z"));
    deepStrictEqual([report.outcome, report.added, report.revision!.scale], ["withheld", 0, 0.5]);
    deepStrictEqual(await bytesOf(root), first);
  }));

Deno.test("FR-009 bars that the source has no longer are kept, and told", () =>
  inTestFolder(async (root) => {
    await updateBars(root, btc, "daily", fakeSource(), { from, ...at("2024-02-01T00:00:00Z") });
    const forgets = fakeSource({
      bar: (time) => time === parseDate("2024-01-28") ? undefined : {},
    });
    const report = await updateBars(root, btc, "daily", forgets, at("2024-02-01T00:00:00Z"));
    deepStrictEqual(report.notes, ["1 stored bars are not at the source any more; they are kept"]);
    strictEqual(report.outcome, "unchanged");
  }));

Deno.test("FR-006 a download that breaks off goes on where it was, and leaves nothing behind when done", () =>
  inTestFolder(async (root) => {
    const now = at("2024-12-01T00:00:00Z");
    const breaking = fakeSource({
      rowsPerPage: 100,
      beforePage: (page) => {
        if (page === 20) throw new Error("cable cut");
      },
    });
    await rejects(updateBars(root, btc, "h4", breaking, { from, ...now }), /cable cut/);
    deepStrictEqual(await readdir(join(root, ".partial")), ["crypto_BTC_h4.parquet"]);
    await rejects(readFile(barFile(root, btc, "h4")));
    const asked: number[] = [];
    const source = fakeSource({ rowsPerPage: 100 });
    const resumed = await updateBars(root, btc, "h4", {
      ...source,
      pages: (request, call) => {
        asked.push(request.from);
        return source.pages(request, call);
      },
    }, { from, ...now });
    deepStrictEqual(asked, [from + 2000 * HOUR_MS]);
    deepStrictEqual(await readdir(join(root, ".partial")), []);
    await inTestFolder(async (other) => {
      const whole = await updateBars(other, btc, "h4", source, { from, ...now });
      strictEqual(resumed.contentHash, whole.contentHash);
    });
  }));

Deno.test("FR-055 two updates of one file at a time: the second is refused in one line", () =>
  inTestFolder(async (root) => {
    const release = await lockFile(root, barFile(root, btc, "h4"));
    const second = updateBars(root, btc, "h4", fakeSource(), {
      from,
      ...at("2024-02-01T00:00:00Z"),
    });
    await rejects(second, {
      name: "Refusal",
      message: /^Cannot update .*BTC_h4\.parquet: found another update of it at work, .*[^\n]$/,
    });
    await release();
    await updateBars(root, btc, "h4", fakeSource(), { from, ...at("2024-02-01T00:00:00Z") });
  }));

Deno.test("FR-001 the bundled SPY is extended: raw prices go on, the feed is named bar by bar, old bars stay", () =>
  inTestFolder(async (root) => {
    const bundled = fileURLToPath(new URL("../../data/", import.meta.url));
    const file = barFile(root, spy, "h4");
    await mkdir(dirname(file), { recursive: true });
    await copyFile(barFile(bundled, spy, "h4"), file);
    const old = (await readBars(bundled, spy, "h4", complete)).bars;
    const rows = new Map(Array.from(old.openTime, (time, row) => [time, row]));
    const source = fakeSource({ stepMs: HOUR_MS / 2 });
    // The overlap as the bundle has it: each half hour of a bar like the whole bar.
    const agreeing = fakeSource({
      stepMs: HOUR_MS / 2,
      bar: (time) => {
        const row = rows.get(Math.floor(time / H4_MS) * H4_MS);
        return row === undefined ? {} : {
          open: old.open[row]!,
          high: old.high[row]!,
          low: old.low[row]!,
          close: old.close[row]!,
        };
      },
    });
    const report = await updateBars(root, spy, "h4", agreeing, at("2025-01-04T00:00:00Z"));
    strictEqual(report.added, 6);
    strictEqual(report.revision!.first.column, "volume");
    const { bars, splits, source: description } = await readBars(root, spy, "h4", complete);
    deepStrictEqual([bars.openTime.length, splits], [old.openTime.length + 6, "applied"]);
    match(description, /; made by hand \(from 2025-01-02\)$/);
    deepStrictEqual(bars.volume.slice(0, old.volume.length), old.volume.slice());
    await writeActions(
      root,
      [{ symbol: "SPY", exDate: parseDate("2025-01-03"), kind: "split", value: 2 }],
      { source: "", licence: "" },
    );
    await rejects(
      updateBars(root, spy, "h4", source, at("2025-01-04T00:00:00Z")),
      /splits applied in the file and raw at the source, and a split on 2025-01-03/,
    );
  }));

Deno.test("FR-007 a second source's bars lie beside the file and are read by nobody", () =>
  inTestFolder(async (root) => {
    const report = await updateBars(root, btc, "daily", fakeSource(), {
      from,
      beside: true,
      ...at("2024-02-01T00:00:00Z"),
    });
    strictEqual(report.file, besideFile(root, btc, "daily", "binance"));
    await rejects(readBars(root, btc, "daily", complete), /found no file/);
  }));

Deno.test("FR-006 a full disk, a source without bars and no first day are refused, with nothing half written", () =>
  inTestFolder(async (root) => {
    const now = at("2024-02-01T00:00:00Z");
    const full = {
      ...localDisk,
      writeSynced: () => Promise.reject(new Error("ENOSPC: no space left on device")),
    };
    await rejects(
      updateBars(root, btc, "daily", fakeSource(), { from, ...now, disk: full }),
      /Cannot write .*BTC_daily\.parquet: ENOSPC/,
    );
    await rejects(
      updateBars(root, btc, "daily", fakeSource({ bar: () => undefined }), { from, ...now }),
      /Cannot get daily bars of "BTC" from binance: found none since 2024-01-01 that are over/,
    );
    await rejects(
      updateBars(root, btc, "daily", fakeSource(), now),
      /expected one, or a first day/,
    );
    const files = Object.keys(await bytesOf(root)).filter((file) => !file.includes(".locks/"));
    deepStrictEqual(files, []);
  }));

Deno.test("FR-008 a manifest that a killed update could not write is put right by the next one", () =>
  inTestFolder(async (root) => {
    const now = at("2024-02-01T00:00:00Z");
    await updateBars(root, btc, "daily", fakeSource(), { from, ...now });
    const text = await readFile(manifestFile(root), "utf8");
    await writeFile(manifestFile(root), text.replace(/"rows": \d+/, '"rows": 1'));
    await writeFile(
      join(dirname(barFile(root, btc, "daily")), ".BTC_daily.parquet.7-1.tmp"),
      "half",
    );
    await updateBars(root, btc, "daily", fakeSource(), { from, ...now });
    strictEqual(await readFile(manifestFile(root), "utf8"), text);
    ok(!Object.keys(await bytesOf(root)).some((file) => file.endsWith(".tmp")));
    await writeFile(manifestFile(root), "{");
    await rejects(updateBars(root, btc, "daily", fakeSource(), now), /manifest\.json, whole file/);
  }));
