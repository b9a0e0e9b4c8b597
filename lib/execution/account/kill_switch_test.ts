import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { fixedClock } from "../../core/clock.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import {
  cancelOurOrders,
  isFlattening,
  isKilled,
  killOrder,
  recordKill,
  releaseKillSwitch,
  throwKillSwitch,
} from "./kill_switch.ts";
import { openState } from "./state_database.ts";
import { testVenue } from "./test_venue.ts";
import { verifyAccount } from "./verify.ts";

const ORDER = { at: 1_700_000_000_000, operator: "ann", reason: "test", flatten: false };

Deno.test("FR-054 the switch is a file, its folder missing counts as thrown, and taking it back needs the account", () =>
  inTestFolder(async (folder) => {
    const state = `${folder}state`;
    strictEqual(isKilled(state), true);
    await mkdir(state);
    strictEqual(isKilled(state), false);
    await throwKillSwitch(state, ORDER);
    strictEqual(isKilled(state), true);
    deepStrictEqual(killOrder(state), ORDER);
    await rejects(
      releaseKillSwitch(state, { account: "a", confirm: "b" }),
      /found confirmation "b"/,
    );
    strictEqual(isKilled(state), true);
    await releaseKillSwitch(state, { account: "a", confirm: "a" });
    deepStrictEqual([isKilled(state), await readdir(state)], [false, []]);
    await writeFile(`${folder}file`, "");
    strictEqual(isKilled(`${folder}file`), true);
  }));

Deno.test("a kill file that says nothing kills, and does not flatten", () =>
  inTestFolder(async (folder) => {
    await writeFile(`${folder}KILL`, "");
    deepStrictEqual([isKilled(folder), isFlattening(folder)], [true, false]);
    await throwKillSwitch(folder, { ...ORDER, flatten: true });
    strictEqual(isFlattening(folder), true);
  }));

Deno.test("the throw is a link of the account's chain, though a session has the file open", () =>
  inTestFolder(async (folder) => {
    const clock = fixedClock(ORDER.at);
    const session = await openState(`${folder}a.db`, { clock });
    session.append({ kind: "synced", until: 1 });
    const event = { kind: "kill_on", operator: "ann", reason: "test", flatten: false } as const;
    await recordKill(`${folder}a.db`, event, { clock });
    session.append({ kind: "synced", until: 2 });
    session.close();
    const verdict = await verifyAccount(`${folder}a.db`);
    ok(verdict.ok);
    strictEqual(verdict.head.seq, 3);
  }));

Deno.test("cancelling goes on until none is left, and says so when one is", async () => {
  const venue = testVenue({ fillShare: 0 });
  const request = { symbol: "BTC", side: "buy", quantity: "1" } as const;
  for (const letter of ["a", "b"]) {
    await venue.submit({ ...request, clientOrderId: `q1-${letter.repeat(26)}` });
  }
  const cancel = venue.cancel;
  let refusals = 1;
  venue.cancel = (order) => refusals-- > 0 ? Promise.reject(new TypeError()) : cancel(order);
  const sleep = () => Promise.resolve();
  const report = await cancelOurOrders(venue, { sleep });
  deepStrictEqual([report.cancelled.length, report.left.length], [2, 0]);
  await venue.submit({ ...request, clientOrderId: `q1-${"c".repeat(26)}` });
  venue.cancel = () => Promise.resolve(false);
  strictEqual((await cancelOurOrders(venue, { sleep })).left.length, 1);
});
