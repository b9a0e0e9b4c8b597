import { join, resolve } from "node:path";
import { writeFileAtomically } from "../../core/atomic_file.ts";
import type { ParityReport } from "../../core/parity_report.ts";
import { paritySheet } from "../../report/sheet/parity.ts";
import { RESULTS_ROOT } from "../project.ts";
import { loadPageClient } from "../report_client.ts";

/** Writes the page of a compared session; `reports/session-<name>.html` in the results folder unless said otherwise. */
export async function writeParityReport(
  report: ParityReport,
  { out }: { readonly out?: string | undefined } = {},
): Promise<{ readonly file: string; readonly bytes: number }> {
  const name = `session-${report.session}.html`;
  const file = out === undefined ? join(RESULTS_ROOT, "reports", name) : resolve(out);
  const bytes = new TextEncoder().encode(await paritySheet(report, await loadPageClient()));
  await writeFileAtomically(file, bytes);
  return { file, bytes: bytes.length };
}

/** Whether everything has a name: every decision that is not made again, and every cent. */
export function isExplained({ decisions, remainder }: ParityReport): boolean {
  return Number(remainder) === 0 && decisions.differing.every(({ cause }) => cause !== undefined);
}
