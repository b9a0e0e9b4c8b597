import { Refusal } from "../../core/errors.ts";
import { formatNumber, formatPercent } from "../format.ts";
import { type Chart, type ChartSize, type ChartSource, sizeOf } from "./chart.ts";
import { openCanvas } from "./drawing.ts";
import { framed } from "./frame.ts";
import { INK, PLAIN } from "./palette.ts";
import { drawRanges } from "./ranges.ts";
import { captionOf } from "./source.ts";
import { percentTick, signedPercent } from "./text.ts";

/** The run under each fill assumption, its own marked. Refuses a run without an envelope. */
export async function envelope(run: ChartSource, options: ChartSize = {}): Promise<Chart> {
  const { width } = sizeOf(options);
  const { card, proofs } = run;
  const { members, headline } = proofs?.envelope ??
    refuse(`chart: run ${card.run_id} has no fill envelope, expected it among its proofs`);
  const canvas = await openCanvas();
  const [own] = members;
  const rowsOf = (
    figure: "sharpe" | "total_return",
    show: (value: number | null) => string,
  ) =>
    members.map((member, place) => ({
      ...{ name: member.title, value: member[figure], text: show(member[figure]) },
      ...{ isOwn: place === 0, color: place === 0 ? INK : PLAIN },
    }));
  const split = Math.round(width * 0.56);
  const ratios = drawRanges(canvas, {
    ...{
      width: split,
      left: Math.min(150, Math.round(width * 0.24)),
      level: 0,
      own: own?.sharpe ?? null,
    },
    rows: rowsOf("sharpe", (value) => formatNumber(value)),
    format: (value) => formatNumber(value, 1),
  });
  const returns = drawRanges(canvas, {
    ...{ width: width - split, left: 16, level: 0, own: own?.total_return ?? null },
    rows: rowsOf("total_return", (value) => signedPercent(value)),
    format: percentTick,
  });
  const sharpes = members.map(({ sharpe }) => sharpe).filter((sharpe) => sharpe !== null);
  return framed({
    title: headline ??
      (sharpes.length === 0
        ? "No fill assumption gave a Sharpe ratio"
        : `Sharpe ${formatNumber(Math.min(...sharpes))} to ${formatNumber(Math.max(...sharpes))} ` +
          `over ${members.length} fill assumptions`),
    caption: captionOf(card, "the same decisions, priced and timed in other ways"),
    alt: "Sharpe ratio and return by fill assumption: " + members.map((member) =>
      `${member.title} ${formatNumber(member.sharpe)}, ${formatPercent(member.total_return, 1)}`
    ).join("; ") + ".",
    width,
    legend: [
      { text: "this run", color: INK, sign: "diamond" },
      { text: "another fill", color: PLAIN, sign: "dot" },
    ],
    rows: [[
      { heading: "Sharpe ratio a year", drawing: ratios },
      { heading: "Total return, %", drawing: returns },
    ]],
  });
}

function refuse(message: string): never {
  throw new Refusal(message);
}
