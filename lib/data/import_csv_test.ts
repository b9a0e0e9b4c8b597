import { deepStrictEqual, match, rejects, strictEqual, throws } from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DAY_MS, HOUR_MS } from "../core/bars.ts";
import { fixedClock, formatTime, parseDate } from "../core/clock.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { btc, spy, steadyBars } from "./bar_fixtures.ts";
import { parseCsv } from "./csv.ts";
import { importBars } from "./import_csv.ts";
import { type ImportFormat, parseColumnMap } from "./import_table.ts";
import { parseMoment, parseNumber, parseZone } from "./import_values.ts";
import { writeParquetFile } from "./parquet_write.ts";
import { readBars } from "./read_bars.ts";

const clock = fixedClock(parseDate("2025-01-01"));
const plain: ImportFormat = { map: {}, decimal: "." };
const complete = { maxGapBars: 0 };

/** Imports a text as daily bars of BTC, or as said, and hands back the report and the bars. */
function imported(
  text: string,
  { asset = btc, timeframe = "daily" as "daily" | "h4", ...format }:
    & Partial<ImportFormat>
    & { asset?: typeof btc; timeframe?: "daily" | "h4" } = {},
) {
  let outcome: {
    report: Awaited<ReturnType<typeof importBars>>;
    closes: number[];
    opens: string[];
  };
  return inTestFolder(async (root) => {
    const file = join(root, "own.csv");
    await writeFile(file, text);
    const options = { format: { ...plain, ...format }, clock };
    const report = await importBars(root, file, asset, timeframe, options);
    const { bars } = await readBars(root, asset, timeframe, { maxGapBars: 100 });
    outcome = { report, closes: [...bars.close], opens: [...bars.openTime].map(formatTime) };
  }).then(() => outcome);
}

const HEAD = "Date,Open,High,Low,Close,Volume";

Deno.test("FR-006 a CSV with a byte order mark, mixed line ends, quotes and empty lines is read as daily bars", async () => {
  const { closes, opens, report } = await imported(
    `\ufeff${HEAD}\r\n2024-01-01,10,12,8,"11",5\n\r2024-01-02,11,12,8,11.5,5\r\n\r\n"2024-01-03",11,12,8,9,\n`,
  );
  deepStrictEqual(closes, [11, 11.5, 9]);
  deepStrictEqual(opens[0], "2024-01-01T00:00:00Z");
  strictEqual(report.source, "import");
});

Deno.test("FR-006 columns of any names, by number without a header, and newest rows first", async () => {
  const map = parseColumnMap("open_time=Tag+Uhr,open=A,high=H,low=T,close=S");
  const { closes, opens } = await imported(
    "Tag;Uhr;A;H;T;S\n2024-01-01;20:00;10;12;8;11\n2024-01-01;16:00;9;12;8;10\n",
    { map, zone: 0, timeframe: "h4" },
  );
  deepStrictEqual([closes, opens], [[10, 11], ["2024-01-01T16:00:00Z", "2024-01-01T20:00:00Z"]]);
  const bare = parseColumnMap("open_time=1,open=2,high=3,low=4,close=5,volume=6");
  const numbered = await imported("1704067200,10,12,8,11,5\n1704153600,11,12,8,11,5\n", {
    map: bare,
  });
  deepStrictEqual(numbered.opens, ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"]);
});

Deno.test("FR-011 shorter bars in New York time are built into H4 bars of the session", async () => {
  const rows = [
    ...["09:30,100,101,99,100", "10:00,100,105,99,104", "10:30,104,104,103,103"],
    ...["11:00,103,104,98,99", "11:30,99,100,99,100", "12:00,100,102,100,102"],
  ].map((row) => `2024-01-02 ${row},10`);
  const { closes, opens, report } = await imported([HEAD, ...rows].join("\n"), {
    asset: spy,
    timeframe: "h4",
    zone: "America/New_York",
  });
  // 09:30 in winter is 14:30 UTC; the bar of 16:00 UTC is not over where the file ends.
  deepStrictEqual([closes, opens], [[103], ["2024-01-02T12:00:00Z"]]);
  deepStrictEqual(report.notes, []);
});

Deno.test("FR-003 a file that begins inside a bar does not make that bar", async () => {
  const hours = Array.from(
    { length: 12 },
    (_, i) => `2024-01-01T${String(i + 2).padStart(2, "0")}:00Z,10,12,8,11,5`,
  );
  const { opens, report } = await imported([HEAD, ...hours].join("\n"), { timeframe: "h4" });
  deepStrictEqual(opens, ["2024-01-01T04:00:00Z", "2024-01-01T08:00:00Z"]);
  match(report.notes[0]!, /first bar was left out: the file begins inside it, at 2024-01-01T02:00/);
});

const refusals: readonly [
  title: string,
  rows: string,
  message: RegExp,
  format?: Partial<ImportFormat> & { asset?: typeof btc; timeframe?: "daily" | "h4" },
][] = [
  [
    "local times without a zone",
    "2024-01-02 09:30,1,1,1,1,1\n2024-01-02 10:00,1,1,1,1,1",
    /line 2, column Date: found "2024-01-02 09:30", a local time that does not say where, expected a zone in the text, or --zone/,
    { asset: spy, timeframe: "h4" },
  ],
  [
    "02:30 on the day that clocks go forward",
    "2024-03-10 01:30,1,1,1,1,1\n2024-03-10 02:30,1,1,1,1,1",
    /line 3, column Date: found "2024-03-10 02:30", which New York's clocks skipped that day in spring/,
    { zone: "America/New_York", timeframe: "h4" },
  ],
  [
    "01:30 on the day that clocks go back",
    "2024-11-03 00:30,1,1,1,1,1\n2024-11-03 01:30,1,1,1,1,1",
    /line 3, column Date: .* twice that day in autumn \(2024-11-03T05:30:00Z and 2024-11-03T06:30:00Z\)/,
    { zone: "America/New_York", timeframe: "h4" },
  ],
  [
    "a day twice",
    "2024-01-01,1,1,1,1,1\n2024-01-02,1,1,1,1,1\n2024-01-02,1,1,1,1,1",
    /line 4: found 2024-01-02T00:00:00Z a second time, expected rows in order/,
  ],
  [
    "rows out of order",
    "2024-01-01,1,1,1,1,1\n2024-01-03,1,1,1,1,1\n2024-01-02,1,1,1,1,1\n2024-01-04,1,1,1,1,1",
    /line 4: found 2024-01-02T00:00:00Z after 2024-01-03T00:00:00Z/,
  ],
  [
    "a high below the close",
    "2024-01-01,1,1,1,1,1\n2024-01-02,10,11,9,12,1",
    /line 3: found open 10, high 11, low 9, close 12, expected the high at the top/,
  ],
  ["a price of 0", "2024-01-01,0,1,0,1,1\n2024-01-02,1,1,1,1,1", /line 2: .* four prices above 0/],
  [
    "a negative volume",
    "2024-01-01,1,1,1,1,-5\n2024-01-02,1,1,1,1,1",
    /line 2: found volume -5, expected 0 or more/,
  ],
  [
    "thousands separators that nobody explained",
    '2024-01-01,"1,234.5",1,1,1,1\n2024-01-02,1,1,1,1,1',
    /line 2, column Open: found "1,234\.5", expected a plain number .* --thousands/,
  ],
  [
    "a decimal comma that nobody explained",
    '2024-01-01,"10,5",1,1,1,1\n2024-01-02,1,1,1,1,1',
    /line 2, column Open: found "10,5", expected a plain number .*--decimal/,
  ],
  [
    "words for prices",
    "2024-01-01,ten,1,1,1,1\n2024-01-02,1,1,1,1,1",
    /found "ten", expected a number/,
  ],
  [
    "dates that mean two days",
    "03/04/2024,1,1,1,1,1\n03/05/2024,1,1,1,1,1",
    /found "03\/04\/2024", which means one day in Europe and another in America/,
  ],
  [
    "a date that is none",
    "2024-02-30,1,1,1,1,1\n2024-03-01,1,1,1,1,1",
    /found "2024-02-30", expected a time/,
  ],
  ["a short row", "2024-01-01,1,1,1,1,1\n2024-01-02,1,1", /line 3: found 3 cells, expected 6/],
  ["an open quote", '2024-01-01,1,1,1,1,"1', /line 2: found a quote that is never closed/],
  ["one row", "2024-01-01,1,1,1,1,1", /whole file: found 1 rows, expected at least two/],
  [
    "days for H4",
    "2024-01-01,1,1,1,1,1\n2024-01-02,1,1,1,1,1",
    /found bars of a day, expected h4 bars or shorter ones; say --timeframe daily/,
    { timeframe: "h4" },
  ],
  [
    "bars of seven minutes",
    "2024-01-01T00:00Z,1,1,1,1,1\n2024-01-01T00:07Z,1,1,1,1,1",
    /found rows 7 minutes apart/,
    { timeframe: "h4" },
  ],
  [
    "a column that is not there",
    "2024-01-01,1,1,1,1,1\n2024-01-02,1,1,1,1,1",
    /columns: found Date, Open, High, Low, Close, Volume, expected "close" \(did you mean "Close"\?\)/,
    { map: { close: "close" } },
  ],
];

for (const [title, rows, message, format] of refusals) {
  Deno.test(`FR-009 a CSV is refused in one line: ${title}`, async () => {
    await rejects(imported(`${HEAD}\n${rows}\n`, format), (error: Error) => {
      strictEqual(error.name, "Refusal");
      match(error.message, message);
      strictEqual(error.message.includes("\n"), false);
      return true;
    });
  });
}

Deno.test("FR-006 numbers with groups and a decimal comma are read once it is said what they mean", () => {
  strictEqual(parseNumber("1,234,567.5", { decimal: ".", thousands: "," }), 1234567.5);
  strictEqual(parseNumber("1.234,5", { decimal: ",", thousands: "." }), 1234.5);
  strictEqual(parseNumber("0,5", { decimal: "," }), 0.5);
  throws(() => parseNumber("12,34.5", { decimal: ".", thousands: "," }));
  strictEqual(parseNumber("1e-7", { decimal: "." }), 1e-7);
  strictEqual(parseNumber("", { decimal: "." }), NaN);
});

Deno.test("FR-010 times since 1970 and with a zone of their own mean the same moment in every spelling", () => {
  const time = Date.parse("2024-03-04T15:30:00Z");
  const texts = [
    ...["1709566200", "1709566200000", "1709566200000000", "1709566200000000000"],
    ...["2024-03-04T15:30:00Z", "2024-03-04 10:30:00-05:00", "2024-03-04T16:30+0100"],
    ...["2024.03.04 15:30 UTC", "20240304 153000Z", "2024/03/04 15:30:00.000Z"],
  ];
  for (const text of texts) strictEqual(parseMoment(text, 7 * HOUR_MS).time, time, text);
  strictEqual(parseMoment("2024-03-04 15:30", parseZone("+02:00")).time, time - 2 * HOUR_MS);
  strictEqual(
    parseMoment("2024-07-04 09:30", "America/New_York").time,
    Date.parse("2024-07-04T13:30Z"),
  );
  throws(() => parseZone("Europe/Berlin"), /--zone: found "Europe\/Berlin", expected UTC/);
  throws(() => parseMoment("2024-03-04 24:30Z", 0));
});

Deno.test("FR-006 a Parquet file of another program comes in through the same map", () =>
  inTestFolder(async (root) => {
    const file = join(root, "other.parquet");
    const day = parseDate("2024-01-01");
    const own = steadyBars(btc, "daily", "2024-01-01", "2024-01-05");
    await writeParquetFile(file, [
      { name: "dt", kind: "time", values: own.openTime },
      { name: "o", kind: "number", values: own.open },
      { name: "hi", kind: "number", values: own.high },
      { name: "lo", kind: "number", values: own.low },
      { name: "px", kind: "number", values: own.close },
    ], {});
    const map = parseColumnMap("open_time=dt,high=hi,low=lo,close=px");
    const options = { format: { ...plain, map }, clock };
    await importBars(root, file, btc, "daily", options);
    const { bars } = await readBars(root, btc, "daily", complete);
    deepStrictEqual([...bars.openTime], [0, 1, 2, 3].map((i) => day + i * DAY_MS));
    deepStrictEqual([...bars.volume], [NaN, NaN, NaN, NaN]);
    const again = await importBars(root, file, btc, "daily", options);
    strictEqual(again.outcome, "unchanged");
    await rejects(
      importBars(root, join(root, "none.csv"), btc, "daily", options),
      /Cannot import .*none\.csv: found no such file, expected a CSV or Parquet file/,
    );
    throws(() => parseColumnMap("clos=x"), /--map: found "clos=x" \(did you mean "close"\?\)/);
  }));

Deno.test("FR-009 a CSV keeps the line of each record, whatever its quotes hold", () => {
  deepStrictEqual(parseCsv('a,b\r\n"x\ny","say ""no"""\r1,2', "f"), [
    { line: 1, cells: ["a", "b"] },
    { line: 2, cells: ["x\ny", 'say "no"'] },
    { line: 4, cells: ["1", "2"] },
  ]);
});
