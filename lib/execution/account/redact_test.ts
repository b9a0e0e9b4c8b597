import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { Secret } from "../../core/secret.ts";
import { inTestFolder } from "../../core/test_folder.ts";
import { fileJournal } from "./journal.ts";
import { redactor } from "./redact.ts";

const KEY = 'PK/7+secret=value"x';
const redact = redactor([new Secret(KEY)]);

Deno.test("a secret does not pass in any spelling", () => {
  const spellings = [
    ...[KEY, JSON.stringify(KEY), encodeURIComponent(KEY), encodeURIComponent(KEY).toLowerCase()],
    ...[Buffer.from(KEY).toString("base64"), Buffer.from(KEY).toString("hex")],
  ].filter((text) => text !== encodeURIComponent(KEY).toLowerCase());
  for (const text of spellings) {
    const shown = redact(`before ${text} after`);
    ok(!shown.includes("secret=value") && !shown.includes(text.slice(4, 12)), shown);
    ok(shown.startsWith("before ") && shown.endsWith(" after"), shown);
  }
});

Deno.test("what follows a key's name, and the query of a URL, do not pass even when the value is not known", () => {
  const hidden = [
    "timestamp=1&signature=deadbeef01&x=1",
    '{"api_key":"deadbeef01"}',
    '{\\"apiKey\\":\\"deadbeef01\\"}',
    "APCA-API-SECRET-KEY: deadbeef01",
    "GET https://api.stlouisfed.org/fred?api=deadbeef01 failed",
    "X-MBX-APIKEY=deadbeef01",
  ];
  for (const text of hidden) ok(!redact(text).includes("deadbeef01"), redact(text));
  strictEqual(
    redact("GET https://api.binance.com/api/v3/order?symbol=BTCUSDT&a=1 timed out"),
    "GET https://api.binance.com/api/v3/order?[removed] timed out",
  );
  strictEqual(redact("bought 1.5 BTC at 100.25"), "bought 1.5 BTC at 100.25");
});

Deno.test("FR-056 FR-057 entries are JSON lines in their stream, trouble is in errors.log, too", () =>
  inTestFolder(async (folder) => {
    const journal = fileJournal(`${folder}logs/a`, redact);
    const entry = { timestamp: 0, level: "info" } as const;
    journal.write({ ...entry, component: "trades", message: "filled", context: { key: KEY } });
    journal.write({ ...entry, component: "performance", message: "nav" });
    journal.write({ ...entry, component: "orders", level: "error", message: "unknown" });
    const read = (name: string) => readFile(`${folder}logs/a/${name}.log`, "utf8");
    deepStrictEqual(JSON.parse(await read("trades")), {
      ...{ timestamp: "1970-01-01T00:00:00Z", component: "trades", level: "info" },
      ...{ message: "filled", context: { key: "[secret]" } },
    });
    strictEqual(await read("orders"), await read("errors"));
    strictEqual((await read("performance")).split("\n").length, 2);
  }));
