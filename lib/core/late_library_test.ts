import { rejects, strictEqual } from "node:assert/strict";
import { loadLate } from "./late_library.ts";

const LATE = { purpose: "tell the time", lock: "lib/clocks", task: "clock" };

Deno.test("loadLate() gives a package that is there, and refuses one that is not with the task that has it", async () => {
  const { sep } = await loadLate<{ readonly sep: string }>({ ...LATE, specifier: "node:path" });
  strictEqual(sep, "/");
  await rejects(loadLate({ ...LATE, specifier: "./nowhere.ts" }), {
    name: "Refusal",
    message: "Cannot tell the time: found no library for it in this process, " +
      "expected one on the lock file of lib/clocks (deno task clock), online the first time",
  });
});
