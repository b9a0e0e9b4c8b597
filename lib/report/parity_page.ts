import type {
  CostEvidence,
  ParityInstance,
  ParityReport,
  ShortfallRow,
} from "../core/parity_report.ts";
import type { DecimalText } from "../core/ports.ts";
import { counted } from "./charts/text.ts";
import { formatMinute, formatNumber, formatPercent } from "./format.ts";
import { formatTable } from "./table.ts";

/** Most things that are told of one rung on a terminal. */
const MOST_TOLD = 3;

/** The way from a session's backtest to its account, as a statement: every line a sum, the last one what is left. */
export function parityPage(report: ParityReport): string {
  const { session, venue, mode, opening, closing } = report;
  const range = `${formatMinute(opening.time)} to ${formatMinute(closing.time)}`;
  return [
    `Parity of ${session} at ${venue} (${mode}), ${range} UTC`,
    "",
    formatTable(statementRows(report), { header: ["", "Amount", "Count"] }),
    "",
    ...decisionLines(report),
    ...instanceLines(report),
    "",
    ...reviewLines(report),
  ].join("\n");
}

/** The lines of the statement: title, amount to the cent, and how often. */
export function statementRows(report: ParityReport): readonly (readonly string[])[] {
  const { opening, closing, backtest, rungs, remainderCents } = report;
  const title = report.beginsFlat
    ? "Backtest of the same plan"
    : "Backtest from the holdings of then";
  return [
    ["Opening NAV", money(opening.cents), ""],
    [title, money(backtest.cents), ""],
    ...rungs.map(({ title, cents, instances }) => [
      ...[title, money(cents)],
      instances.length > 0 ? formatNumber(instances.length, 0) : "",
    ]),
    ["Unexplained", money(remainderCents), ""],
    ["Closing NAV", money(closing.cents), ""],
  ];
}

/** What became of the decisions, in sentences. */
export function decisionLines({ decisions }: ParityReport): readonly string[] {
  const { compared, identical, missed, differing, first } = decisions;
  const odd = differing.filter(({ cause }) => cause === undefined);
  return [
    `Decisions: ${identical} of ${compared} made again bit by bit${
      missed > 0 ? `, ${missed} missed` : ""
    }`,
    first
      ? `First difference from the backtest: ${
        formatMinute(first.time)
      }, ${first.title.toLowerCase()}: ${first.text}`
      : "The backtest wants the same weights at every close",
    ...differing.slice(0, 1).map(({ time, text, cause }) =>
      `First decision that is not made again: ${formatMinute(time)}, ${
        cause ?? "NO NAMED CAUSE"
      }: ${text}`
    ),
    ...(odd.length > 0 ? [`Without a named cause: ${counted(odd.length, "decision")}`] : []),
  ];
}

function instanceLines({ rungs }: ParityReport): readonly string[] {
  const told = rungs.filter(({ instances }) => instances.length > 0);
  return told.flatMap(({ title, instances }) => [
    "",
    title,
    ...instances.slice(0, MOST_TOLD).map((one) => `  ${instanceText(one)}`),
    ...(instances.length > MOST_TOLD ? [`  … ${instances.length - MOST_TOLD} more`] : []),
  ]);
}

/** When, and what. */
export function instanceText({ time, text }: ParityInstance): string {
  return `${formatMinute(time)} ${text}`;
}

/** Expectation, costs, drift and stages, in sentences. */
function reviewLines({ review, closing }: ParityReport): readonly string[] {
  const { totals, shortfall, costs, drift, stages } = review;
  const { turnover, delay, execution, fees, unfilled, total } = totals;
  return [
    expectationLine({ review, closing }),
    `Implementation shortfall of ${counted(shortfall.length, "order")}: ${amount(total)} = delay ${
      amount(delay)
    } + execution ${amount(execution)} + fees ${amount(fees)} + unfilled ${amount(unfilled)}, ${
      basisPoints(total, turnover)
    } of ${amount(turnover)} traded`,
    ...(costs.length === 0
      ? []
      : ["", formatTable(costs.map(costCells), { header: COST_HEADER, align: COST_ALIGN }), ""]),
    drift.length === 0 ? "Drift: none" : `Drift: ${drift.map(instanceText).join("; ")}`,
    ...stages.map(({ model, advice, reasons }) => `${model}: ${advice} (${reasons.join(", ")})`),
  ];
}

/** Where the account ended among what its backtest's own days could have brought. */
export function expectationLine(
  { review: { band }, closing }: Pick<ParityReport, "review" | "closing">,
): string {
  if (!band) return "Expectation: there is too little history before the session to draw from";
  const [low, middle, high] = [band.low, band.middle, band.high].map((path) =>
    formatNumber(path.at(-1)!, 0)
  );
  const place = Number(closing.nav) < band.low.at(-1)!
    ? "below"
    : Number(closing.nav) > band.high.at(-1)!
    ? "above"
    : "inside";
  return `Expectation after ${
    counted(band.days, "day")
  }: ${low} to ${high}, middle ${middle}; the account is ${place} it, ` +
    `higher than ${formatPercent(band.rank, 1)} of the drawn histories`;
}

/** One order's costs as the cells of a table. */
export function shortfallCells(row: ShortfallRow): readonly string[] {
  const { time, symbol, side, filled, decisionPrice, arrivalPrice, fillPrice } = row;
  return [
    ...[formatMinute(time), symbol, side, filled],
    ...[decisionPrice, arrivalPrice, fillPrice].map((price) =>
      price === undefined ? "–" : formatNumber(Number(price), 2)
    ),
    ...[row.delay, row.execution, row.fees, row.unfilled].map(amount),
  ];
}

/** What the cells of an order's costs are called. */
export const SHORTFALL_HEADER = [
  ...["Decided", "Asset", "Side", "Filled", "Decision price", "Arrival price", "Fill price"],
  ...["Delay", "Execution", "Fees", "Unfilled"],
] as const;

/** What own fills say of one cost, as the cells of a table. */
export function costCells(cost: CostEvidence): readonly string[] {
  const { assetClass, kind, orders, configuredBps, meanBps, standardErrorBps } = cost;
  const interval = cost.lowBps === null || cost.highBps === null
    ? "–"
    : `${formatNumber(cost.lowBps, 2)} to ${formatNumber(cost.highBps, 2)}`;
  return [
    ...[`${assetClass} ${kind}`, formatNumber(orders, 0), formatNumber(configuredBps, 2)],
    ...[formatNumber(meanBps, 2), formatNumber(standardErrorBps, 2), interval],
    cost.kept === null ? `propose ${formatNumber(cost.proposedBps, 2)}` : `keep: ${cost.kept}`,
  ];
}

/** Words to the left, figures to the right. */
export const COST_ALIGN = [
  ...["left", "right", "right", "right", "right", "right", "left"] as const,
];

/** What the cells of a cost are called. */
export const COST_HEADER = [
  ...["Cost, bps", "Orders", "Configured", "Mean", "± error", "95% interval", "Proposal"],
] as const;

function amount(text: DecimalText): string {
  return formatNumber(Number(text), 2);
}

function basisPoints(part: DecimalText, whole: DecimalText): string {
  return Number(whole) > 0 ? `${formatNumber(Number(part) / Number(whole) * 1e4, 1)} bps` : "–";
}

/** Money to the cent with thousands commas; the digits stay what they are. */
function money(text: DecimalText): string {
  return text.replace(/\d(?=(\d{3})+\.)/g, "$&,");
}
