import { match, ok, strictEqual } from "node:assert/strict";
import { dataListTable, dataReportPage, downloadPage } from "./data_report.ts";

const file = {
  file: "equities/SPY_h4.parquet",
  rows: 3528,
  first: "2019-01-02T12:00:00Z",
  last: "2024-12-31T20:00:00Z",
};

Deno.test("FR-009 the page of a validation names each file with its span, and marks what goes beyond the thresholds", () => {
  const noted = { check: "gaps", count: 5, beyond: false, detail: "missing bars" };
  const found = { check: "prices", count: 1, beyond: true, detail: "impossible bars" };
  const page = dataReportPage({
    verdict: "found",
    files: [
      { ...file, findings: [] },
      { ...file, file: "crypto/BTC_h4.parquet", findings: [noted] },
      { ...file, file: "crypto/ETH_h4.parquet", findings: [noted, found] },
    ],
  });
  match(page, /equities\/SPY_h4\.parquet +3,528 +2019-01-02 +2024-12-31 +clean/);
  match(page, /crypto\/BTC_h4\.parquet .* noted\n/);
  match(page, / {4}gaps: 5 missing bars\n {2}! prices: 1 impossible bars\n/);
  match(page, /\nfound: 1 file goes beyond the thresholds, marked with !$/);
  match(
    dataReportPage({ verdict: "clean", files: [{ ...file, findings: [] }] }),
    /\nclean: nothing/,
  );
  match(dataReportPage({ verdict: "clean", files: [] }), /^No data: deno task data download/);
});

Deno.test("FR-006 the page of a download lists what came, what to know, and at the end what failed", () => {
  const page = downloadPage([
    {
      what: "SPY h4",
      outcome: "created",
      added: 9,
      rows: 9,
      last: "2024-12-31T20:00:00Z",
      notes: ["n"],
    },
    { what: "XXX h4", failure: "found no such symbol", notes: [] },
  ]);
  match(page, /^What +Outcome +New +Rows +Last\n/);
  match(
    page,
    /SPY h4 +created +9 +9 +2024-12-31 20:00\n\nSPY h4: n\n\nfailed: XXX h4: found no such symbol$/,
  );
  strictEqual(downloadPage([{ what: "A", failure: "x", notes: [] }]), "failed: A: x");
});

Deno.test("FR-007 the list of files shows when each was brought up to date", () => {
  const table = dataListTable([{ ...file, source: "a".repeat(60), updated_at: null }]);
  match(table, /3,528 +2019-01-02 +2024-12-31 +– +a{47}…$/);
  ok(dataListTable([]).startsWith("No data"));
});
