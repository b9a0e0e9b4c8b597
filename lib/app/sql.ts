import { formatTime } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { timeOf } from "../report/show_table.ts";
import { openChildSession, openSession, type SqlSession, type Value } from "../results/sql/mod.ts";
import { RESULTS_ROOT } from "./project.ts";
import { type SqlTable, sqlTable } from "./sql_table.ts";

/** What may stand for a parameter; a list stands for `(…)`, as in `where run_id in ${ids}`. */
export type SqlValue = Value | bigint | Date;

/** SQL over every run of a results folder. */
export interface Sql {
  /** One question; `values` are bound to `?` or `$1`. Refuses what is not a question, and mistakes with their place. */
  query(text: string, values?: readonly SqlValue[]): Promise<SqlTable>;
  /** The same as a template: what is put in is bound as a value and never read as SQL. */
  sql(
    parts: TemplateStringsArray,
    ...values: readonly (SqlValue | readonly SqlValue[])[]
  ): Promise<SqlTable>;
  close(): void;
}

/** `here` works only in a process on the lock file of `lib/results/sql`. */
export interface SqlOptions {
  readonly resultsRoot?: string;
  readonly engine?: "child" | "here";
}

/**
 * Opens SQL over the views `runs`, `run_models`, `trials` and one for each table of a run, `run_id` in each. Run folders
 * are read when a question needs them, and only the columns it needs; runs that are made meanwhile are seen.
 */
export async function openSql(
  { resultsRoot = RESULTS_ROOT, engine = "child" }: SqlOptions = {},
): Promise<Sql> {
  const session: SqlSession = engine === "here"
    ? await openSession(resultsRoot)
    : openChildSession(resultsRoot);
  const query: Sql["query"] = async (text, values = []) =>
    await sqlTable(await session.ask(text, values.map(bindable)));
  return {
    query,
    sql: async (parts, ...values) => {
      const statement = bound(parts, values);
      return await query(statement.text, statement.values);
    },
    close: () => session.close(),
  };
}

let shared: Promise<Sql> | undefined;

/** SQL over this project's results, for notebooks: opened by the first question, kept for the next. */
export const sql: Sql["sql"] = async (parts, ...values) => {
  shared ??= openSql();
  return await (await shared).sql(parts, ...values);
};

function bound(
  parts: TemplateStringsArray,
  values: readonly (SqlValue | readonly SqlValue[])[],
): { readonly text: string; readonly values: readonly SqlValue[] } {
  const all: SqlValue[] = [];
  const placeholder = (value: SqlValue) => `$${all.push(value)}`;
  const text = values.reduce<string>((before, value, place) => {
    const list = Array.isArray(value) ? value as readonly SqlValue[] : undefined;
    if (list?.length === 0) {
      throw new Refusal("SQL: found an empty list as a value, expected one item at least");
    }
    const holder = list ? `(${list.map(placeholder).join(", ")})` : placeholder(value as SqlValue);
    return `${before}${holder}${parts[place + 1]}`;
  }, parts[0]!);
  return { text, values: all };
}

function bindable(value: SqlValue): Value {
  const time = timeOf(value);
  if (time !== undefined) return formatTime(time);
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new Refusal(
    `SQL: found ${typeof value === "number" ? value : `a value of type ${typeof value}`} ` +
      "as a value, expected text, a finite number, true, false, null or a Date",
  );
}
