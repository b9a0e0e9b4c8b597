import { deepStrictEqual, ok } from "node:assert/strict";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDate } from "../core/clock.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { btc, described } from "../data/bar_fixtures.ts";
import { barFile, writeActions, writeBars, writeSeries } from "../data/mod.ts";
import { backtest, type Run } from "./backtest.ts";
import { tinyPlan, waves, writeBtc, writeSpy } from "./test_market.ts";
import { verify, type VerifyOptions } from "./verify.ts";
import type { FindingKind, Verification } from "./verify_finding.ts";

const byHand = { source: "made by hand", licence: "none" };
const dates = (...days: readonly string[]) => Float64Array.from(days, parseDate);

/** Macro values as the market of these tests has them; a test changes one. */
export async function writeMacro(
  root: string,
  { vix = 14, tenYear = 3, pmi = 51, pmiKnown = "2024-02-05" } = {},
): Promise<void> {
  await writeSeries(root, "vix", {
    date: dates("2024-01-31", "2024-02-01", "2024-02-05"),
    values: { close: Float64Array.of(13, vix, 30) },
  }, byHand);
  await writeSeries(root, "yield_curve", {
    date: dates("2024-01-02", "2024-01-30", "2024-02-06"),
    availableAt: dates("2024-01-03", "2024-01-31", "2024-02-07"),
    values: { DGS2: Float64Array.of(4, 4, 4), DGS10: Float64Array.of(3.5, tenYear, 5) },
  }, byHand);
  await writeSeries(root, "pmi", {
    date: dates("2023-12-01", "2024-01-01"),
    availableAt: dates("2024-01-04", pmiKnown),
    values: { value: Float64Array.of(49, pmi) },
  }, byHand);
}

/** SPY's dividends: one before the run's end, one after. */
export async function writeDividends(root: string, value = 1, later = 1.5): Promise<void> {
  const dividend = { symbol: "SPY", kind: "dividend" } as const;
  await writeActions(root, [
    { ...dividend, exDate: parseDate("2024-02-09"), value },
    { ...dividend, exDate: parseDate("2024-02-26"), value: later },
  ], byHand);
}

/** A finished run of two weeks on SPY and BTC, its data, and copies of it to spoil. */
export interface Spoiled {
  readonly run: Run;
  readonly folder: string;
  readonly dataRoot: string;
  /** Verifies a copy of the run's folder after `change` was at it. */
  verify(
    change?: (folder: string) => Promise<void> | void,
    options?: VerifyOptions,
  ): Promise<Verification>;
  /** Verifies the run on a copy of its data after `change` was at them. */
  verifyData(change: (dataRoot: string) => Promise<void>): Promise<Verification>;
}

/** Lends a test such a run. */
export async function withRun(action: (spoiled: Spoiled) => Promise<void>): Promise<void> {
  await inTestFolder(async (folder) => {
    const dataRoot = `${folder}data`;
    await writeBtc(dataRoot);
    await writeBars(barFile(dataRoot, btc, "daily"), waves(btc, "daily"), described(btc));
    await writeSpy(dataRoot, ["h4", "daily"]);
    await writeMacro(dataRoot);
    await writeDividends(dataRoot);
    const plan = await tinyPlan(dataRoot, {
      sets: ["models.MovingAverageCrossModel_v1.universe=[SPY, BTC]", "risk.max_leverage=0.5"],
    });
    const run = await backtest(plan, { threads: 0, resultsRoot: `${folder}results` });
    ok(run.card.statistics.portfolio.fills > 4);
    let copies = 0;
    const spoil = async (
      change: (folder: string) => Promise<void> | void,
      options: VerifyOptions,
    ) => {
      const resultsRoot = `${folder}copy${++copies}`;
      const copy = join(resultsRoot, "runs", run.id);
      await cp(run.folder, copy, { recursive: true });
      await change(copy);
      const found = await verify(run.id, { threads: 0, dataRoot, resultsRoot, ...options });
      await rm(resultsRoot, { recursive: true });
      return found;
    };
    await action({
      run,
      folder,
      dataRoot,
      verify: (change = () => {}, options = {}) => spoil(change, options),
      async verifyData(change) {
        const root = `${folder}data${++copies}`;
        await cp(dataRoot, root, { recursive: true });
        await change(root);
        return await spoil(() => {}, { dataRoot: root });
      },
    });
  });
}

/** A bit of a file, counted from its beginning, or from its end when negative. */
export async function flipBit(file: string, byte: number, bit = 0): Promise<void> {
  const bytes = await readFile(file);
  bytes[byte < 0 ? bytes.length + byte : byte]! ^= 1 << bit;
  await writeFile(file, bytes);
}

/** The verification found something, all of it of one kind, each in one line. */
export function found({ verdict, findings }: Verification, kind: FindingKind, what: string): void {
  deepStrictEqual(verdict, "different", what);
  const kinds = [...new Set(findings.map((finding) => finding.kind))];
  deepStrictEqual(kinds, [kind], `${what}: ${JSON.stringify(findings)}`);
  for (const { message } of findings) ok(!message.includes("\n") && message.length > 0, what);
}
