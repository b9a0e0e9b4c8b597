import { match, strictEqual } from "node:assert/strict";
import { runSuite } from "../venues/test_suite.ts";

Deno.test("200 seeded sessions on a broker that fails, tried where the brokers' libraries are", async () => {
  const { code, out } = await runSuite("../account/test_session_suite.ts", {
    write: "results,/dev/shm",
  });
  strictEqual(code, 0, out);
  match(out, /1 passed \| 0 failed/);
});
