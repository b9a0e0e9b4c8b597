import type { Envelope, EnvelopeMember, EnvelopeName, EnvelopeRecord } from "../core/proofs.ts";
import type { RunRecord } from "../core/run_record.ts";
import { dailyClock } from "../stats/daily_clock.ts";
import { portfolioCurve } from "./derive.ts";
import { accountStatistics } from "./run_statistics.ts";

/**
 * The figures of a run under each fill assumption, by the rules of the run's own statistics and on its clock. The first
 * member is the run itself.
 */
export function envelopeOf(record: RunRecord, members: readonly EnvelopeRecord[]): Envelope {
  const clock = dailyClock(record);
  const figures = members.map(({ name, title, record: member }, place): EnvelopeMember => {
    const account = place === 0 ? record : member;
    const statistics = accountStatistics(account, portfolioCurve(account), clock);
    const { final_nav, total_return, cagr, sharpe, max_drawdown, bps } = statistics;
    return { name, title, final_nav, total_return, cagr, sharpe, max_drawdown, bps };
  });
  return { members: figures, headline: headlineOf(figures) };
}

/** How each assumption reads after the words `where` and `when`. */
const CASES: Readonly<Record<EnvelopeName, string>> = {
  next_open: "orders fill at the next open",
  same_close: "orders fill at the close they were decided on",
  next_close: "orders fill at the next close",
  next_worst: "orders fill at the worst price of the next bar",
  bar_later: "orders fill one bar later",
  double_costs: "costs double",
  high_first: "bars reach their high first",
  low_first: "bars reach their low first",
};

/**
 * What a reader must know before the figures: the edge lives in one member only, or the run has one that another member
 * lacks. Null when there is no such thing to say.
 */
export function headlineOf(members: readonly EnvelopeMember[]): string | null {
  const [own] = members;
  if (!own || members.length < 2) return null;
  const lacking = members.filter((member) => !hasEdge(member));
  const friendliest = members.reduce((best, member) =>
    sharpeOf(member) > sharpeOf(best) ? member : best
  );
  if (lacking.length === members.length - 1 && hasEdge(friendliest)) {
    const others = lacking.length === 1
      ? "the other fill loses it"
      : `all ${lacking.length} other fills lose it`;
    return `The edge lives only where ${CASES[friendliest.name]}; ${others}`;
  }
  if (lacking.length === 0 || !hasEdge(own)) return null;
  return `The edge is gone when ${oneOf(lacking.map(({ name }) => CASES[name]))}`;
}

/** Whether an account was worth its risk at all. */
function hasEdge({ sharpe, total_return }: EnvelopeMember): boolean {
  return sharpe !== null && sharpe > 0 && total_return !== null && total_return > 0;
}

function sharpeOf({ sharpe }: EnvelopeMember): number {
  return sharpe ?? -Infinity;
}

function oneOf(cases: readonly string[]): string {
  return cases.length < 2 ? cases.join() : `${cases.slice(0, -1).join(", ")} or ${cases.at(-1)!}`;
}
