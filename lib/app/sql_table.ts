import {
  type ShownTable,
  showTable,
  type ShowTableOptions,
  type Unit,
} from "../report/show_table.ts";
import {
  type Answer,
  type AnswerColumn,
  type AnswerKind,
  arqueroTable,
  decodeAnswer,
} from "../results/sql/mod.ts";

/** An answer of SQL: an Arquero table that shows itself, in a notebook as HTML and else as text. */
export interface SqlTable {
  /** Numbers are numbers, moments ISO text, days `YYYY-MM-DD`, what is missing null. */
  readonly table: Awaited<ReturnType<typeof arqueroTable>>;
  readonly columns: readonly { readonly name: string; readonly kind: AnswerKind }[];
  /** One line for each run that was damaged and left out. */
  readonly warnings: readonly string[];
  /** The same as plain JSON: what is no finite number is null. */
  rows(): readonly Readonly<Record<string, unknown>>[];
  toJSON(): readonly Readonly<Record<string, unknown>>[];
  /** The table with other units or more rows. */
  show(options?: ShowTableOptions): ShownTable;
  toString(): string;
}

/** What the columns of the views count, by name; an answer's column of the same name is shown alike. */
const UNITS: Readonly<Record<string, Unit>> = {
  ...unit("percent", [
    ...["total_return", "cagr", "annual_volatility", "max_drawdown", "win_rate", "drawdown"],
    ...["gross_exposure", "net_exposure", "return", "budget", "weight", "target_weight"],
    ...["raw_weight", "weight_before_risk", "weight_after_risk", "before", "after"],
    ...["spy_momentum", "btc_momentum", "inverted_share"],
  ]),
  ...unit("money", [
    ...["nav", "cash", "pnl", "notional", "fee", "fees", "slippage", "initial_nav", "final_nav"],
  ]),
  duration_ms: "ms",
  horizon_hours: "hours",
  turnover: "per year",
};

/** Decodes an answer. */
export async function sqlTable({ stream, warnings }: Answer): Promise<SqlTable> {
  const { columns } = await decodeAnswer(stream);
  const table = await arqueroTable(columns);
  const show = (options: ShowTableOptions = {}) =>
    showTable(shownData(columns), { ...options, units: { ...UNITS, ...options.units } });
  const rows = () => jsonRows(columns);
  let shown: ShownTable | undefined;
  const own = () => shown ??= show();
  const plan = columns.find(({ name }) => name === "explain_value");
  const text = () => plan ? plan.values.join("\n") : `${own()}`; // a plan is a drawing of several lines
  return {
    table,
    columns: columns.map(({ name, kind }) => ({ name, kind })),
    warnings,
    rows,
    toJSON: rows,
    show,
    toString: text,
    [Symbol.for("Jupyter.display")]: () => ({
      "text/html": warnings.length === 0 ? own().html : show({ caption: warnings.join("; ") }).html,
      "text/plain": text(),
    }),
    [Symbol.for("Deno.customInspect")]: text,
  } as SqlTable;
}

/** Moments as people write them: `2024-05-06 20:00`. */
function shownData(columns: readonly AnswerColumn[]): Readonly<Record<string, readonly unknown[]>> {
  const shown = (time: unknown) =>
    typeof time === "string" ? time.slice(0, -1).replace("T", " ").replace(/:00$/, "") : time;
  return Object.fromEntries(
    columns.map(({ name, kind, values }) => [name, kind === "time" ? values.map(shown) : values]),
  );
}

function jsonRows(columns: readonly AnswerColumn[]): readonly Readonly<Record<string, unknown>>[] {
  const finite = (value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? null : value;
  return Array.from(
    { length: columns[0]?.values.length ?? 0 },
    (_, row) => Object.fromEntries(columns.map(({ name, values }) => [name, finite(values[row])])),
  );
}

function unit(unit: Unit, names: readonly string[]): Readonly<Record<string, Unit>> {
  return Object.fromEntries(names.map((name) => [name, unit]));
}
