import { parseTime } from "../core/clock.ts";
import type { Attribution, ModelPart } from "../results/mod.ts";
import { formatMinute, formatMoney, formatNumber, formatPercent, NOTHING } from "./format.ts";
import { formatTable } from "./table.ts";

const UNIT_DIGITS = 6;
const LISTED_UNIT_DIGITS = 4;
const NEWEST_FILLS = 12;

/**
 * The way of a position, top to bottom: what models wished, what risk took, what was ordered, filled and is held. Models
 * that never had to do with the asset are left out.
 */
export function attributionPage(run: string, attribution: Attribution): string {
  const models = attribution.models.filter(({ since }) => since !== null);
  const found = { ...attribution, models };
  const sections = [
    ["Wishes and targets, as shares of NAV", wishTable(found), ...wishNotes(found)],
    ["Risk", riskTable(found)],
    ["Newest orders", orderTable(found)],
    ["Fills of this position", ...fillLines(found)],
    ["Held", heldTable(found)],
    [sumLine(found)],
  ];
  return [
    `${found.symbol} in run ${run} at ${minute(found.at)} UTC`,
    `Decision of ${minute(found.decision_time)}, mode ${found.mode}; NAV ${
      formatMoney(found.nav)
    } and price ${formatMoney(found.price)} of ${minute(found.mark_time)}`,
    ...sections.map((lines) => `\n${lines.join("\n")}`),
  ].join("\n");
}

function wishTable(found: Attribution): string {
  const rows = found.models.map((part) => [
    part.model,
    formatPercent(part.raw_weight),
    minute(part.raw_since),
    formatPercent(part.budget),
    formatPercent(part.weight_before_risk),
    formatPercent(part.weight_after_risk),
    minute(part.since),
  ]);
  const sums = [formatPercent(found.weight_before_risk), formatPercent(found.weight_after_risk)];
  return formatTable([...rows, ["All models, target", "", "", "", ...sums, ""]], {
    header: ["Model", "Raw\nweight", "Asked", "Budget", "Before\nrisk", "After\nrisk", "Since"],
    align: ["left", "right", "left", "right", "right", "right", "left"],
  });
}

/** Since when each budget holds, what else the model said, and what it saw. */
function wishNotes({ models }: Attribution): readonly string[] {
  return models.flatMap((part) => {
    const said: readonly (readonly [string, string | number | null])[] = [
      ["stop", part.stop],
      ["limit", part.limit],
      ["confidence", part.confidence],
      ["urgency", part.urgency],
      ["horizon", part.horizon_hours === null ? null : `${part.horizon_hours} h`],
    ];
    const words = [
      `${part.model}: budget since ${minute(part.budget_since)}`,
      ...(part.kept ? ["keeps the quantity it asked for"] : []),
      ...said.filter(([, value]) => value !== null).map(([name, value]) => `${name} ${value}`),
    ];
    return [words.join("; "), ...sawLines(part)];
  });
}

/** The features behind a model's newest words, a line each. */
function sawLines({ saw }: ModelPart): readonly string[] {
  if (saw === null) return [];
  const rows = saw.features.map(({ feature, definition, value }) => [
    `    ${feature}`,
    featureValue(value),
    definition,
  ]);
  return [
    `  decided ${minute(saw.time)} on`,
    formatTable(rows, { align: ["left", "right", "left"] }),
  ];
}

function riskTable({ risk }: Attribution): string {
  if (risk.length === 0) return "No rule took anything";
  const rows = risk.map(({ rule, before, after, since }) => [
    rule,
    formatPercent(before),
    formatPercent(after),
    minute(since),
  ]);
  return formatTable(rows, { header: ["Rule", "Before", "After", "Since"] });
}

function orderTable({ orders }: Attribution): string {
  if (orders.length === 0) return "None by then";
  const rows = orders.map((order) => [
    minute(order.decision_time),
    order.model === "" ? order.kind : `${order.kind} of ${order.model}`,
    units(order.held),
    units(order.target),
    units(order.quantity),
    order.reason === "" ? order.status : `${order.status}: ${order.reason}`,
    order.trade_id || NOTHING,
    minute(order.time),
  ]);
  return formatTable(rows, {
    header: ["Decided", "Kind", "Held", "Target", "Quantity", "Outcome", "Trade", "Bar opened"],
    align: ["left", "left", "right", "right", "right", "left", "left", "left"],
  });
}

function fillLines({ fills }: Attribution): readonly string[] {
  if (fills.length === 0) return ["Nothing is held"];
  const left = fills.length - NEWEST_FILLS;
  const rows = fills.slice(-NEWEST_FILLS).map((fill) => [
    fill.trade_id || "cross",
    minute(fill.executed_at),
    units(fill.quantity),
    formatMoney(fill.price),
    formatMoney(fill.fee),
    Object.entries(fill.models).map(([model, moved]) =>
      `${shortName(model)} ${units(moved, LISTED_UNIT_DIGITS)}`
    )
      .join(", "),
  ]);
  const table = formatTable(rows, {
    header: ["Trade", "Executed", "Units", "Price", "Fee", "Units by model"],
    align: ["left", "left", "right", "right", "right", "left"],
  });
  return left > 0 ? [table, `and ${left} before them`] : [table];
}

function heldTable(found: Attribution): string {
  const row = (title: string, part: Pick<ModelPart, "units" | "value" | "share">) => [
    title,
    units(part.units),
    formatMoney(part.value),
    formatPercent(part.value / found.nav),
    formatPercent(part.share),
  ];
  const share = found.units === 0 ? null : 1;
  const rows = [
    ...found.models.map((part) => row(part.model, part)),
    row("Account", { units: found.units, value: found.value, share }),
  ];
  return formatTable(rows, { header: ["", "Units", "Value", "Share of NAV", "Share of position"] });
}

function sumLine({ sums }: Attribution): string {
  const odd = sums.filter(({ agrees }) => !agrees);
  if (odd.length === 0) return "Every sum agrees within 1e-6";
  return odd.map(({ what, parts, whole }) => `DIFFERENT ${what}: ${parts} and ${whole}`).join("\n");
}

/** `EquityTrend` of `EquityTrendModel_v1`. */
function shortName(model: string): string {
  return model.replace(/Model_v\d+$/, "");
}

function units(quantity: number, digits = UNIT_DIGITS): string {
  return trimmed(formatNumber(quantity, digits));
}

/** Without zeros at the end. */
function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** Five digits or two decimals, whichever shows more: prices and momenta stand side by side. */
function featureValue(value: number | null): string {
  const size = Math.abs(value ?? 0);
  if (size > 0 && size < 1e-6) return value!.toExponential(4);
  let digits = 2;
  for (let scaled = size; scaled > 0 && scaled < 100 && digits < 10; scaled *= 10) digits++;
  return trimmed(formatNumber(value, digits));
}

function minute(time: string | null): string {
  return formatMinute(time === null ? null : parseTime(time));
}
