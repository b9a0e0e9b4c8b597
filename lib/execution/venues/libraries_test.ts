import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ALPACA } from "./alpaca_client.ts";
import { CCXT } from "./ccxt_client.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const RENEW = "renew it: cp deno.lock lib/execution/venues/deno.lock && " +
  `deno cache --lock=lib/execution/venues/deno.lock --frozen=false ${CCXT} ${ALPACA}`;

/** Runs tests in a process of their own, where the brokers' libraries are, with what a trading task may do. */
async function runSuite(file: string, { lock = "./deno.lock" } = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["test", "--no-check", "--no-prompt", `--config=${path("../../../deno.json")}`],
      ...[`--lock=${path(lock)}`, "--frozen", "--allow-read", "--allow-write=results"],
      ...["--allow-net=127.0.0.1", "--allow-env=WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE"],
      path(file),
    ],
    cwd: path("../../../"),
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout) + text.decode(stderr) };
}

for (
  const [sentence, file, tests] of [
    ["FR-041 Alpaca and Binance keep the contract of venues", "./test_contract.ts", 24],
    ["SC-007 Alpaca and Binance keep it while everything goes wrong", "./test_faults.ts", 45],
    ["FR-038 Dividends and splits at Alpaca are events of the account", "./test_actions.ts", 8],
    ["FR-042 Kraken keeps the contract of venues on its order books", "./test_kraken.ts", 17],
  ] as const
) {
  Deno.test(`${sentence}, tried where their libraries are`, async () => {
    const { code, out } = await runSuite(file);
    strictEqual(code, 0, out);
    const passed = Number(/(\d+) passed \| 0 failed/.exec(out)?.[1]);
    ok(passed >= tests, out);
  });
}

Deno.test("FR-041 in a process without their libraries brokers are refused in one line", async () => {
  const { code, out } = await runSuite("./test_contract.ts", { lock: "../../../deno.lock" });
  ok(code !== 0);
  match(out, /Refusal: Cannot trade at alpaca: found no library for it in this process, expected/);
  match(out, /Refusal: Cannot ask an exchange: found no library for it in this process, expected/);
});

Deno.test("the brokers' libraries are in no lock file but their own, which holds the project's packages as well", async () => {
  const read = async (relative: string) => JSON.parse(await readFile(path(relative), "utf8"));
  const [project, own] = [await read("../../../deno.lock"), await read("./deno.lock")];
  for (const specifier of [CCXT, ALPACA]) {
    const name = specifier.replace("npm:", "");
    deepStrictEqual(own.specifiers[specifier], name.slice(name.lastIndexOf("@") + 1), RENEW);
    ok(name in own.npm && !(name in project.npm));
  }
  deepStrictEqual(own.workspace, project.workspace, RENEW);
  for (const key of Object.keys(project.npm).sort()) {
    deepStrictEqual(own.npm[key], project.npm[key], RENEW);
  }
});
