import { match, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

Deno.test("200 seeded sessions on a broker that fails, tried where the brokers' libraries are", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "--no-check", "--no-prompt", `--config=${path("../../../deno.json")}`],
      ...[`--lock=${path("../venues/deno.lock")}`, "--frozen", "--allow-read"],
      ...["--allow-write=results,/dev/shm", "--allow-net=127.0.0.1"],
      ...["--allow-env=WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE", path("./test_session_suite.ts")],
    ],
    cwd: path("../../../"),
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  const out = text.decode(stdout) + text.decode(stderr);
  strictEqual(code, 0, out);
  match(out, /1 passed \| 0 failed/);
});
