import { deepStrictEqual, ok } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DAY_MS, HOUR_MS } from "../core/bars.ts";
import { fixedClock, parseDate, systemClock } from "../core/clock.ts";
import { seededRandom } from "../core/random.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { btc, spy } from "./bar_fixtures.ts";
import { readManifest } from "./manifest.ts";
import { barFile } from "./places.ts";
import { readBars } from "./read_bars.ts";
import { fakeSource } from "./source_fixtures.ts";
import { updateBars } from "./update.ts";

const FILES = [[btc, "h4"], [spy, "h4"], [spy, "daily"]] as const;
const CHILD = fileURLToPath(new URL("./test_update_child.ts", import.meta.url));
const START = parseDate("2024-06-01");

function child(root: string, now: number): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "--no-prompt", "--cached-only", "--allow-read"],
      ...["--allow-write=.", CHILD, root, String(now)],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** How long an update of three days is at work here when nobody disturbs it, in milliseconds. */
async function updateMs(): Promise<number> {
  let ms = 0;
  await inTestFolder(async (root) => {
    for (const now of [START, START + 3 * DAY_MS]) {
      const process = child(root, now);
      const reader = process.stdout.getReader();
      await reader.read();
      const begun = systemClock.elapsed();
      const { code } = await process.status;
      await reader.cancel();
      deepStrictEqual(code, 0);
      ms = systemClock.elapsed() - begun;
    }
  });
  return ms;
}

/** Starts an update and kills it `delayMs` after it has begun; whether it was still at work. */
async function killed(root: string, now: number, delayMs: number): Promise<boolean> {
  const process = child(root, now);
  const reader = process.stdout.getReader();
  await reader.read();
  await setTimeout(delayMs);
  try {
    process.kill("SIGKILL");
  } catch {
    // it was quicker
  }
  const { signal } = await process.status;
  await reader.cancel();
  return signal === "SIGKILL";
}

/** Whether validation takes every file that is there. */
async function allSound(root: string): Promise<void> {
  for (const [asset, timeframe] of FILES) {
    await readBars(root, asset, timeframe, { maxGapBars: 0 }).catch((error: Error) => {
      if (!error.message.includes("found no file")) throw error;
    });
  }
  await readManifest(root);
}

Deno.test("FR-008 killed at 50 random moments, an update leaves no file that is refused, and the next one completes it", async () => {
  const dice = seededRandom("moments to be killed at");
  const most = Math.ceil(await updateMs());
  let hits = 0;
  const series = async (root: string) => {
    for (let round = 0; round < 25; round++) {
      // Later every time, so that there is always something to write.
      const now = START + round * 3 * DAY_MS;
      if (await killed(root, now, dice.integer(most))) hits++;
      await allSound(root);
    }
    const clock = fixedClock(START + 100 * DAY_MS);
    const source = fakeSource({ stepMs: HOUR_MS / 2 });
    const from = parseDate("2024-01-01");
    await inTestFolder(async (whole) => {
      for (const [asset, timeframe] of FILES) {
        await updateBars(root, asset, timeframe, source, { from, clock });
        await updateBars(whole, asset, timeframe, source, { from, clock });
        deepStrictEqual(
          await readFile(barFile(root, asset, timeframe)),
          await readFile(barFile(whole, asset, timeframe)),
        );
      }
      deepStrictEqual(await readManifest(root), await readManifest(whole));
    });
    const left = await readdir(root, { recursive: true });
    deepStrictEqual(left.filter((name) => /\.tmp$|\.partial\/./.test(name)), []);
  };
  await Promise.all([inTestFolder(series), inTestFolder(series)]);
  ok(hits >= 25, `only ${hits} of 50 were killed at work`);
});
