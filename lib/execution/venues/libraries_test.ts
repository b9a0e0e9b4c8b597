import { match, ok, strictEqual } from "node:assert/strict";
import { proveOwnLock } from "../../core/test_lock.ts";
import { ALPACA } from "./alpaca_client.ts";
import { CCXT } from "./ccxt_client.ts";
import { runSuite } from "./test_suite.ts";

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
  await proveOwnLock("lib/execution/venues", [CCXT, ALPACA]);
});
