import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { type Bars, gridMs } from "../../core/bars.ts";
import { parseDate, parseTime } from "../../core/clock.ts";
import {
  actionsFile,
  barFile,
  readBars,
  seriesFile,
  writeActions,
  writeBars,
  writeSeries,
} from "../../data/mod.ts";
import { type LiveStage, minuteOf, onLiveStage } from "./test_live.ts";

const FILES_UNTIL = "2020-07-01T21:30:00Z";
const PUBLISHED = { source: "made by hand", licence: "none" };
const DAYS = ["2020-06-25", "2020-06-26", "2020-06-29", "2020-06-30", "2020-07-01", "2020-07-02"];

/** Writes the VIX of the first days of a list. */
async function writeVix({ dataRoot }: LiveStage, values: readonly number[]): Promise<void> {
  const date = Float64Array.from(DAYS.slice(0, values.length), parseDate);
  await writeSeries(
    dataRoot,
    "vix",
    { date, values: { close: Float64Array.from(values) } },
    PUBLISHED,
  );
}

/** Writes the stored H4 bars again, changed. */
async function rewriteBars(
  { dataRoot, loaded }: LiveStage,
  change: (bars: Bars) => Bars,
): Promise<void> {
  const asset = loaded.plan.assets[0]!;
  const { bars } = await readBars(dataRoot, asset, "h4", { maxGapBars: 100 });
  const description = {
    ...PUBLISHED,
    assetClass: "equity",
    splits: "raw",
    knownOutages: [],
  } as const;
  await writeBars(barFile(dataRoot, asset, "h4"), change(bars), description);
}

Deno.test("a series that grows on disk is seen by the next decision, without a new start", () =>
  onLiveStage(FILES_UNTIL, async (stage) => {
    const { at, open } = stage;
    await writeVix(stage, [32, 34, 31, 30]);
    const { feed } = await open();
    const before = await at(feed, "2020-07-02T16:00:00Z");
    deepStrictEqual([...before.regimes.vix!.value], [32, 34, 31, 30]);
    await writeVix(stage, [32, 34, 31, 30, 28.5, 27]);
    const after = await at(feed, "2020-07-02T20:00:00Z");
    deepStrictEqual([...after.regimes.vix!.value], [32, 34, 31, 30, 28.5]);
    deepStrictEqual(after.troubles, []);
    ok(before.inputsHash !== after.inputsHash);
    const later = await at(feed, "2020-07-03T00:00:00Z");
    strictEqual(later.regimes.vix!.value.at(-1), 27);
  }));

Deno.test("a series that was not on file when the session began is taken up", () =>
  onLiveStage(FILES_UNTIL, async (stage) => {
    const { feed } = await stage.open();
    strictEqual((await stage.at(feed, "2020-07-02T16:00:00Z")).regimes.vix, undefined);
    await writeVix(stage, [32, 34]);
    const { regimes: { vix } } = await stage.at(feed, "2020-07-02T20:00:00Z");
    deepStrictEqual([...vix!.value], [32, 34]);
  }));

Deno.test("bars and actions that an update adds while a session runs are taken up, the past unchanged", () =>
  onLiveStage("2020-08-05T21:30:00Z", async ({ at, open, server, update }) => {
    const { feed } = await open();
    const before = await at(feed, "2020-08-06T16:00:00Z");
    server.now = parseTime("2020-08-11T21:30:00Z");
    await update();
    server.fail({ kind: "status", status: 401, times: Infinity });
    const known = await at(feed, "2020-08-11T20:00:00Z");
    const { bars: { h4 }, actions } = known.assets[0]!;
    deepStrictEqual([known.arrived, actions.map(({ value }) => value)], [["AAPL"], [0.82]]);
    strictEqual(minuteOf(h4!.openTime.at(-1)), "2020-08-11 16:00");
    const seen = before.assets[0]!.bars.h4!;
    deepStrictEqual(h4!.close.slice(0, seen.close.length), Float64Array.from(seen.close));
  }));

Deno.test("the same inputs have the same hash, whether they were asked for or lay on file", () =>
  onLiveStage("2020-08-05T21:30:00Z", async ({ at, open, server, update }) => {
    const { feed: asking } = await open();
    const asked = await at(asking, "2020-08-10T16:00:00Z");
    server.now = parseTime("2020-08-12T21:30:00Z");
    await update();
    const { feed: reading } = await open();
    const read = await at(reading, "2020-08-10T16:00:00Z");
    strictEqual(read.inputsHash, asked.inputsHash);
  }));

Deno.test("a stored past that was rewritten is told in one line, and decisions keep what they saw", () =>
  onLiveStage(FILES_UNTIL, async (stage) => {
    const { at, open } = stage;
    await writeVix(stage, [32, 34, 31, 30]);
    const { feed } = await open();
    const before = await at(feed, "2020-07-02T16:00:00Z");
    await writeVix(stage, [32, 35, 31, 30, 29]);
    let was = 0;
    await rewriteBars(stage, (bars) => {
      was = bars.volume[3]!;
      return { ...bars, volume: bars.volume.map((one, row) => row === 3 ? one + 1 : one) };
    });
    const after = await at(feed, "2020-07-02T20:00:00Z");
    const { openTime } = before.assets[0]!.bars.h4!;
    deepStrictEqual(after.troubles, [
      `AAPL h4: the stored past was rewritten, row 3 of ${
        minuteOf(openTime[3])
      }: volume was ${was} and is ${was + 1}; decisions go on with what they saw until a new start`,
      "vix.close: the stored past was rewritten, row 1 of 2020-06-26 00:00: value was 34 and is 35; " +
      "decisions go on with what they saw until a new start",
    ]);
    deepStrictEqual([...after.regimes.vix!.value], [32, 34, 31, 30]);
    strictEqual(after.assets[0]!.bars.h4!.volume[3], was);
    deepStrictEqual(after.arrived, ["AAPL"]);
    const again = await at(feed, "2020-07-06T16:00:00Z");
    strictEqual(again.troubles!.length, 2, "told until there is a new start");
  }));

Deno.test("a stored action that is gone or another now is told, and the one that was seen stays", () =>
  onLiveStage("2020-08-10T21:30:00Z", async ({ at, open, dataRoot }) => {
    const { feed } = await open();
    await at(feed, "2020-08-11T16:00:00Z");
    const exDate = parseDate("2020-08-07");
    await writeActions(
      dataRoot,
      [{ symbol: "AAPL", exDate, kind: "dividend", value: 2 }],
      PUBLISHED,
    );
    const known = await at(feed, "2020-08-11T20:00:00Z");
    deepStrictEqual(known.assets[0]!.actions.map(({ value }) => value), [0.82]);
    ok(
      known.troubles!.includes(
        "AAPL actions: the stored past was rewritten, 2020-08-07 dividend was 0.82 and is 2; " +
          "decisions go on with what they saw until a new start",
      ),
      known.troubles!.join("; "),
    );
  }));

Deno.test("a series whose file is gone is told, and goes on as it was", () =>
  onLiveStage(FILES_UNTIL, async (stage) => {
    const { at, open, dataRoot } = stage;
    await writeVix(stage, [32, 34]);
    const { feed } = await open();
    await at(feed, "2020-07-02T16:00:00Z");
    await rm(seriesFile(dataRoot, "vix"));
    const { regimes, troubles } = await at(feed, "2020-07-02T20:00:00Z");
    deepStrictEqual([[...regimes.vix!.value], troubles], [[32, 34], [
      "vix.close: the stored file is gone; decisions go on with what they saw until a new start",
    ]]);
  }));

Deno.test("files that cannot be read are told, and taken up when they can be again", () =>
  onLiveStage(FILES_UNTIL, async (stage) => {
    const { at, open, dataRoot } = stage;
    await writeVix(stage, [32, 34]);
    const { feed } = await open();
    await at(feed, "2020-07-02T16:00:00Z");
    await writeFile(actionsFile(dataRoot), "no table");
    await writeVix(stage, [32, 34, 31]);
    const known = await at(feed, "2020-07-02T20:00:00Z");
    deepStrictEqual([known.arrived, known.regimes.vix!.value.length], [["AAPL"], 2]);
    strictEqual(known.troubles!.length, 1);
    ok(known.troubles![0]!.startsWith("stored data: "), known.troubles![0]);
    await writeActions(dataRoot, [], PUBLISHED);
    const later = await at(feed, "2020-07-06T16:00:00Z");
    deepStrictEqual([later.regimes.vix!.value.length, later.troubles], [3, []]);
  }));

Deno.test("bars that were asked for stand where the file has them otherwise later, and nobody is troubled", () =>
  onLiveStage(FILES_UNTIL, async (stage) => {
    const { at, open, server, update } = stage;
    const { feed } = await open();
    const asked = await at(feed, "2020-07-02T20:00:00Z");
    server.now = parseTime("2020-07-06T21:30:00Z");
    await update();
    const [first, end] = [parseDate("2020-07-02"), parseDate("2020-07-03")];
    await rewriteBars(stage, (bars) => ({
      ...bars,
      volume: bars.volume.map((one, row) =>
        bars.openTime[row]! >= first && bars.openTime[row]! < end ? one * 2 : one
      ),
    }));
    const known = await at(feed, "2020-07-06T20:00:00Z");
    const [before, after] = [asked, known].map(({ assets }) => assets[0]!.bars.h4!);
    deepStrictEqual(after!.volume.slice(0, before!.volume.length), before!.volume.slice());
    strictEqual(after!.openTime.at(-1), parseTime("2020-07-06T20:00:00Z") - gridMs("h4"));
    deepStrictEqual(known.troubles, []);
  }));
