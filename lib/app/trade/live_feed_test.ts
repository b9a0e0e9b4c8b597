import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { parseTime } from "../../core/clock.ts";
import { onLiveStage } from "./test_live.ts";

const FILES_UNTIL = "2020-06-30T21:30:00Z";
const CLOSE = "2020-07-06T16:00:00Z";
const EQUITIES = ["QQQ", "SPY"];

Deno.test("new bars come from the source and join what is on file, which stays as it is", () =>
  onLiveStage(FILES_UNTIL, async ({ at, open }) => {
    const { feed, stored } = await open();
    const known = await at(feed, CLOSE);
    deepStrictEqual([known.arrived, known.late, known.troubles], [EQUITIES, [], []]);
    strictEqual(feed.name, "stored + alpaca iex + kraken");
    const [, spy] = known.assets;
    const { openTime, availableAt, close } = spy!.bars.h4!;
    const before = stored.assets[1]!.bars.h4!;
    deepStrictEqual(close.slice(0, before.close.length), Float64Array.from(before.close));
    strictEqual(openTime.at(-1), parseTime("2020-07-06T12:00:00Z"));
    ok(availableAt.every((time) => time <= parseTime(CLOSE)));
    deepStrictEqual(known.regimes.equity!.bars.close, spy!.bars.daily!.close);
  }, EQUITIES));

Deno.test("FR-005 bars that cannot be asked for are late, and the reason is told", () =>
  onLiveStage(FILES_UNTIL, async ({ at, open, server }) => {
    server.fail({ kind: "status", status: 401, times: Infinity });
    const { arrived, late, troubles } = await at((await open()).feed, CLOSE);
    deepStrictEqual([arrived, late], [[], EQUITIES]);
    ok(troubles!.some((line) => line.startsWith("SPY h4: ")), troubles!.join("; "));
  }, EQUITIES));
