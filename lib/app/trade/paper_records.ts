import { formatDate, parseTime } from "../../core/clock.ts";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import { type HashedEvent, readLinks, stateFile } from "../../execution/account/mod.ts";
import { maxDrawdown } from "../../stats/drawdown.ts";
import { sharpe, simpleReturns } from "../../stats/metrics.ts";
import { dailyMarks } from "../../stats/monthly.ts";
import type { PaperRecord, PaperRecords } from "../lifecycle/paper_record.ts";
import { inProject } from "../project.ts";
import { type LedgerCurve, ledgerCurve, ledgerMarks } from "./model_ledger.ts";

/** Decisions are made on every day of the year. */
const PERIODS_PER_YEAR = 365;

/** Records of paper trading, read from the accounts' states in a folder; rehearsals are none. Refuses a damaged state. */
export function paperRecordsIn(stateFolder: string): PaperRecords {
  return {
    async read(model, { account, since, until, budget }) {
      const links = await readLinks(stateFile(stateFolder, account));
      if (links === undefined) return undefined;
      const own = between(links, parseTime(since), parseTime(until));
      const opened = links.find(({ event }) => event.kind === "opened")?.event;
      if (own.length === 0 || opened?.kind !== "opened" || opened.mode === "live") return undefined;
      const marks = ledgerMarks(own).filter(({ isRehearsal }) => !isRehearsal);
      const figures = figuresOf(ledgerCurve(marks, model, budget), model);
      if (figures === undefined) return undefined;
      const [first, last] = [own[0]!.hash, own.at(-1)!.hash];
      const hash = sha256(canonicalJson({ account, model, since, budget, first, last }));
      return { account, ...figures, hash };
    },
  };
}

/** The same of the project's own accounts. */
export function paperRecords(): PaperRecords {
  return paperRecordsIn(inProject("state"));
}

/** What was written down from one time to another; what a clock that was set back wrote behind that is no part of it. */
function between(
  links: readonly HashedEvent[],
  since: number,
  until: number,
): readonly HashedEvent[] {
  const end = links.findIndex(({ time }) => time > until);
  return links.slice(0, end < 0 ? links.length : end).filter(({ time }) => time >= since);
}

/** What a gate asks of a model's own ledger; undefined where the model never began. */
export function figuresOf(
  { marks, value }: LedgerCurve,
  model: string,
): Omit<PaperRecord, "account" | "hash"> | undefined {
  if (marks.length === 0) return undefined;
  const times = Float64Array.from(marks, ({ close }) => close);
  const days = new Set(marks.map(({ close }) => formatDate(close)));
  const daily = dailyMarks(times, value).nav;
  return {
    days: days.size,
    trades: tradesOf(marks.map(({ holds }) => holds.get(model)!)),
    sharpe: sharpe(simpleReturns(daily), { periodsPerYear: PERIODS_PER_YEAR }),
    max_drawdown: maxDrawdown(value),
    first: formatDate(marks[0]!.close),
    last: formatDate(marks.at(-1)!.close),
  };
}

/** Holdings that were opened and closed again. */
function tradesOf(holds: readonly (readonly string[])[]): number {
  const begun = new Set<string>();
  let closed = 0;
  for (const [i, held] of holds.entries()) {
    const before = holds[i - 1] ?? held;
    for (const symbol of held) if (!before.includes(symbol)) begun.add(symbol);
    for (const symbol of before) if (!held.includes(symbol) && begun.delete(symbol)) closed++;
  }
  return closed;
}
