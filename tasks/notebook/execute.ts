import { join } from "node:path";
import {
  jsonLines,
  PROJECT_ROOT,
  type PublishedExperiment,
  type PublishedRun,
  Refusal,
} from "../../lib/mod.ts";
import { type NamedNotebook, type Notebook, NOTEBOOKS, textOf } from "./notebook_file.ts";

/** A notebook after all its cells ran. */
export interface Executed {
  readonly name: string;
  readonly notebook: Notebook;
  /** HTML of each Markdown cell by its place among the cells. */
  readonly markdown: Readonly<Record<string, string>>;
}

/** What came of a notebook: it ran, or a cell of it failed (counted from 1), told in one line. */
export type Execution =
  | Executed
  | { readonly name: string; readonly failed: { readonly cell: number; readonly message: string } };

/** How notebooks are executed. */
export interface ExecuteOptions {
  /** Most kernels at work at once, 1. */
  readonly parallel?: number;
  onCell?(name: string, done: number, count: number): void;
}

type News =
  | { kind: "cell"; name: string; done: number; count: number }
  | { kind: "failed"; name: string; cell: number; message: string }
  | ({ kind: "finished" } & Executed);

/** Executes notebooks with the kernel of the environment that `python` belongs to; the answers in the order asked. */
export async function executeAll(
  python: string,
  notebooks: readonly NamedNotebook[],
  { parallel = 1, onCell }: ExecuteOptions = {},
): Promise<readonly Execution[]> {
  const child = new Deno.Command(python, {
    args: ["-W", "ignore", join(PROJECT_ROOT, "tasks/notebook/execute.py")],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const complaint = new Response(child.stderr).text();
  const writer = child.stdin.getWriter();
  const request = { folder: NOTEBOOKS, parallel, jobs: notebooks };
  await writer.write(new TextEncoder().encode(JSON.stringify(request)));
  await writer.close();
  const found = new Map<string, Execution>();
  for await (const news of jsonLines<News>(child.stdout)) {
    if (news.kind === "cell") onCell?.(news.name, news.done, news.count);
    else if (news.kind === "failed") {
      const { name, cell, message } = news;
      found.set(name, { name, failed: { cell, message } });
    } else found.set(news.name, news);
  }
  return await Promise.all(
    notebooks.map(async ({ name }) => found.get(name) ?? stopped(name, await complaint)),
  );
}

/** The executed notebook; refuses one with a failed cell in one line. */
export function requireExecuted(execution: Execution): Executed {
  if (!("failed" in execution)) return execution;
  const { name, failed: { cell, message } } = execution;
  throw new Refusal(`notebooks/${name}.ipynb, cell ${cell}: ${message}`);
}

/** The runs that a notebook published, oldest first, what it said of them, and the experiments that it showed. */
export function publishedBy({ cells }: Notebook): {
  readonly runs: readonly PublishedRun[];
  readonly experiments: readonly PublishedExperiment[];
  readonly text: string;
} {
  const data = cells.flatMap(({ outputs = [] }) =>
    outputs.flatMap(({ data }) => data ? [data] : [])
  );
  const of = (type: string) => data.filter((item) => item[type] !== undefined);
  const runs = of(RUN).flatMap((item) => (item[RUN] as { runs: readonly PublishedRun[] }).runs);
  const shown = of(EXPERIMENT).map((item) => item[EXPERIMENT] as PublishedExperiment);
  const experiments = [...new Map(shown.map((one) => [one.experiment_id, one])).values()];
  const texts = of(RUN).map((item) => textOf(item["text/plain"] as string | string[]));
  return { runs, experiments, text: texts.join("\n\n") };
}

const RUN = "application/vnd.assay.run+json";
const EXPERIMENT = "application/vnd.assay.experiment+json";

function stopped(name: string, complaint: string): never {
  const lines = complaint.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const last = lines.at(-1) ?? "it says nothing";
  const cure = /kernel/i.test(last) ? "; `deno task notebook lab` installs the kernel" : "";
  throw new Refusal(`Cannot execute notebooks/${name}.ipynb: ${last}${cure}`);
}
