import { DAY_MS, type Millis } from "../../core/bars.ts";
import { formatTime, parseDate, parseTime } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import { loadPlan } from "../load_plan.ts";
import type { ReplayRange } from "./replay.ts";

/** The configuration that paper trading takes when none is named: it needs neither keys nor a network. */
export const FIRST_PAPER_CONFIG = "configs/paper.yaml";

/** Loads the configuration of a paper account: the files that are named, else the one for a start. */
export async function loadPaperPlan(
  files: readonly string[],
  options: { readonly sets?: readonly string[]; readonly models?: readonly string[] } = {},
) {
  return await loadPlan(files.length > 0 ? files : [FIRST_PAPER_CONFIG], options);
}

/** A moment as a person writes it: `2024-11-01T16:00Z`, with seconds or without, `+00:00` for Z. */
export function momentOf(flag: string, text: string): Millis {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(?:Z|\+00:00)$/.exec(
    text,
  );
  const seconds = (match?.[3] ?? ":00").replace(/(\.\d{3})\d+$/, "$1").replace(
    /\.(\d{1,2})$/,
    (_, digits: string) => `.${digits.padEnd(3, "0")}`,
  );
  try {
    return parseTime(match ? `${match[1]}T${match[2]}${seconds}Z` : text);
  } catch {
    throw new Refusal(`${flag}: found "${text}", expected a time like 2024-11-01T16:00:00Z`, {
      exitCode: 2,
    });
  }
}

/** Days from and until which a replay goes, both included. */
export function replayRange(from: string, until: string): ReplayRange {
  const day = (flag: string, text: string) => {
    try {
      return parseDate(text);
    } catch {
      throw new Refusal(`${flag}: found "${text}", expected a date like 2024-11-01`, {
        exitCode: 2,
      });
    }
  };
  const range = { from: day("--from", from), until: day("--until", until) + DAY_MS };
  if (range.from < range.until) return range;
  throw new Refusal(`--until: found ${until}, expected ${formatTime(range.from)} or later`, {
    exitCode: 2,
  });
}
