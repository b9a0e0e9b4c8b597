import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "../../core/atomic_file.ts";
import type { Millis } from "../../core/bars.ts";

/** Closes on end on which a broker failed, for visits that know nothing of the one before. */
interface Failures {
  readonly close: Millis;
  readonly bars: number;
}

/** Counts a visit for a close, however often it is tried; the number of closes on end on which the broker failed. */
export async function countFailure(
  stateFolder: string,
  account: string,
  { close, failed }: { readonly close: Millis; readonly failed: boolean },
): Promise<number> {
  const file = join(stateFolder, `${account}.failures.json`);
  const before = await readFile(file, "utf8").then(parse, () => undefined);
  if (!failed && before === undefined) return 0;
  const isSame = before?.close === close;
  const bars = failed ? (before?.bars ?? 0) + (isSame && before!.bars > 0 ? 0 : 1) : 0;
  const next: Failures = { close, bars };
  await writeFileAtomically(file, new TextEncoder().encode(`${JSON.stringify(next)}\n`));
  return bars;
}

/** A file that cannot be read is no reason not to trade: counting begins anew. */
function parse(text: string): Failures | undefined {
  try {
    const { close, bars } = JSON.parse(text);
    return Number.isFinite(close) && Number.isInteger(bars) ? { close, bars } : undefined;
  } catch {
    return undefined;
  }
}
