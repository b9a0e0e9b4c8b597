import { lowerBound, type Millis } from "../../core/bars.ts";
import { formatDate } from "../../core/clock.ts";
import { calendarDate, utcDate } from "../../core/weekdays.ts";
import { formatNumber, formatPercent } from "../format.ts";
import { domainOf, drawOverTime } from "./axes.ts";
import { type Chart, type ChartSize, type ChartSource, sizeOf } from "./chart.ts";
import { openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import { MUTED, PLAIN } from "./palette.ts";
import { captionOf } from "./source.ts";
import { percentTick } from "./text.ts";

/** Half of what was bought and sold in each month, as a share of the month's mean NAV. */
export async function turnover(run: ChartSource, options: ChartSize = {}): Promise<Chart> {
  const { width, height } = sizeOf(options, 240);
  const { card, tables } = run;
  const [nav, trades] = await Promise.all([tables.nav(), tables.trades()]);
  const months = monthsOf(nav.time).map((month) => ({
    ...month,
    share: tradedShare(month, { nav, trades }),
  }));
  const canvas = await openCanvas();
  const { Plot } = canvas;
  const shares = months.map(({ share }) => share);
  const drawing = drawOverTime(canvas, {
    ...{ width, height, start: nav.time[0] ?? 0, end: nav.time.at(-1) ?? 0 },
    ...{ domain: domainOf([shares], { include: [0] }), format: percentTick },
    marks: [
      Plot.rect(months, {
        ...{ x1: "from", x2: "to", y1: 0, y2: "share", fill: PLAIN },
        ...{ insetLeft: 0.75, insetRight: 0.75 },
        title: ({ from, share }: Month & { share: number }) =>
          `${formatDate(from).slice(0, 7)}: ${formatPercent(share, 1)}`,
      }),
      Plot.ruleY([0], { stroke: MUTED }),
    ],
  });
  const { turnover: yearly, fills, fees, slippage } = card.statistics.portfolio;
  return framed({
    title: fills === 0
      ? "Nothing was traded"
      : `Turnover ${formatNumber(yearly, 1)} times NAV a year in ${formatNumber(fills, 0)} fills`,
    caption: captionOf(
      card,
      `fees ${formatNumber(fees, 0)}`,
      `slippage ${formatNumber(slippage, 0)}`,
    ),
    alt: `Bars of the turnover by month, at most ${formatPercent(Math.max(0, ...shares), 1)}.`,
    ...{ width, rows: [[{ heading: "Turnover by month, % of mean NAV", drawing }]] },
  });
}

interface Month {
  readonly from: Millis;
  readonly to: Millis;
}

/** The calendar months touched, the first and last cut at the ends of the run. */
function monthsOf(times: Float64Array): readonly Month[] {
  const end = times.at(-1) ?? 0;
  const months: Month[] = [];
  for (let from = times[0] ?? 0; from < end;) {
    const { year, month } = calendarDate(from);
    const next = month === 12 ? utcDate(year + 1, 1, 1) : utcDate(year, month + 1, 1);
    const to = Math.min(next, end);
    months.push({ from, to });
    from = to;
  }
  return months;
}

function tradedShare({ from, to }: Month, { nav, trades }: {
  readonly nav: { readonly time: Float64Array; readonly nav: Float64Array };
  readonly trades: { readonly time: Float64Array; readonly notional: Float64Array };
}): number {
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  const part = (time: Float64Array, values: Float64Array) =>
    values.subarray(lowerBound(time, from), lowerBound(time, to));
  const money = part(nav.time, nav.nav).filter((value) => Number.isFinite(value));
  const mean = sum(money) / money.length;
  return mean > 0 ? sum(part(trades.time, trades.notional)) / 2 / mean : 0;
}
