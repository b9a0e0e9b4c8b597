import { strictEqual } from "node:assert/strict";
import { qualityLine } from "./quality_line.ts";

const file = (name: string, findings: Record<string, { count: number; beyond: boolean }> = {}) => ({
  file: name,
  findings,
});

Deno.test("FR-009 clean data are told with the number of files, noted findings or not", () => {
  const noted = file("crypto/BTC_h4.parquet", { gaps: { count: 5, beyond: false } });
  strictEqual(qualityLine({ verdict: "clean", files: [noted] }), "Data: clean (1 file validated)");
  strictEqual(
    qualityLine({ verdict: "clean", files: [noted, file("macro/vix.parquet")] }),
    "Data: clean (2 files validated)",
  );
});

Deno.test("FR-009 what was found is named, the first of it, and where to see all", () => {
  const bad = (name: string) =>
    file(name, { gaps: { count: 7, beyond: true }, zero_volume: { count: 1, beyond: false } });
  strictEqual(
    qualityLine({ verdict: "found", files: ["a", "b", "c", "d", "e"].map(bad) }),
    "Data: FOUND gaps in a (7), gaps in b (7), gaps in c (7) and 2 more; see deno task data validate",
  );
});
