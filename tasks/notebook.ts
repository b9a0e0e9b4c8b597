import { join } from "node:path";
import { environment } from "./notebook/environment.ts";
import { executeAll, type Executed, publishedBy, requireExecuted } from "./notebook/execute.ts";
import { startLab } from "./notebook/lab.ts";
import { NOTEBOOKS, readNotebook, storedText } from "./notebook/notebook_file.ts";
import { notebookPage } from "./notebook/page.ts";
import { withParameters } from "./notebook/parameters.ts";
import { outputFile, write } from "./notebook/write.ts";
import { Refusal } from "../lib/mod.ts";
import { json, parseFlags, progressLine, runTask, shownPath } from "./shared.ts";

const USAGE = "deno task notebook lab [--no-browser] [--port N] [-- ARG…] | " +
  "run NAME… [-p key=value]… [--out FILE] [--json] | " +
  "export NAME [-p key=value]… [--out FILE] [--no-code] | clean NAME";

const MOST_KERNELS = 4;

/** Which flags each verb takes. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  lab: ["no-browser", "port"],
  run: ["parameter", "out", "json"],
  export: ["parameter", "out", "no-code"],
  clean: [],
};

await runTask(async () => {
  const dashes = Deno.args.indexOf("--");
  const own = dashes < 0 ? Deno.args : Deno.args.slice(0, dashes);
  const { values: flags, positionals: [verb = "", ...names] } = parseFlags(
    {
      parameter: { type: "string", short: "p", multiple: true },
      out: { type: "string" },
      json: { type: "boolean" },
      "no-code": { type: "boolean" },
      "no-browser": { type: "boolean" },
      port: { type: "string" },
    },
    USAGE,
    own,
  );
  const takes = FLAGS[verb];
  if (!takes) throw wrong(`found "${verb}", expected ${Object.keys(FLAGS).join(", ")}`);
  const odd = Object.keys(flags).find((flag) => !takes.includes(flag));
  if (odd !== undefined) throw wrong(`--${odd} does not belong to ${verb}`);
  if (verb === "lab") {
    if (names.length > 0) throw wrong(`found "${names[0]}" after lab, expected nothing`);
    const rest = dashes < 0 ? [] : Deno.args.slice(dashes + 1);
    return await startLab({ browser: !flags["no-browser"], port: flags.port, rest, say });
  }
  const isMany = verb === "run" && flags.parameter === undefined && flags.out === undefined;
  const [name] = names;
  if (name === undefined || (names.length > 1 && !isMany)) throw wrong(`expected ${verb} NAME`);
  if (verb === "clean") return await clean(name);
  const given = flags.parameter ?? [];
  return verb === "run" ? await run(names, given, flags) : await share(name, given, flags);
});

/** Executes notebooks, several at once; what is wrong with the request is told before anything is installed. */
async function execute(
  asked: readonly string[],
  given: readonly string[],
): Promise<readonly Executed[]> {
  const notebooks = await Promise.all(asked.map(readNotebook));
  const jobs = notebooks.map((named) => ({ ...named, notebook: withParameters(named, given) }));
  const python = await environment("headless", { say });
  const progress = progressLine(`Notebook ${asked.join(", ")}`);
  const executions = await executeAll(python, jobs, {
    parallel: Math.min(navigator.hardwareConcurrency, MOST_KERNELS),
    onCell: (_, done, count) => progress.show(done, count),
  }).finally(progress.end);
  return executions.map(requireExecuted);
}

async function run(
  names: readonly string[],
  given: readonly string[],
  { out, json: asJson = false }: { out?: string | undefined; json?: boolean | undefined },
): Promise<string> {
  const file = out === undefined ? undefined : outputFile(out, "ipynb");
  const executed = await execute(names, given);
  if (file !== undefined) await write(file, `${JSON.stringify(executed[0]!.notebook, null, 1)}\n`);
  const published = executed.map(({ name, notebook }) => ({
    notebook: name,
    ...publishedBy(notebook),
  }));
  if (asJson) {
    const documents = published.map(({ notebook, runs, experiments }) => ({
      ...{ notebook, runs },
      ...(experiments.length > 0 && { experiments }),
    }));
    return json(documents.length === 1 ? documents[0] : documents);
  }
  const texts = published.map(({ notebook, text }) =>
    text || `notebooks/${notebook}.ipynb published no run`
  );
  return [
    ...texts,
    ...(file === undefined ? [] : [`Executed notebook in ${shownPath(file)}`]),
  ].join("\n\n");
}

async function share(
  asked: string,
  given: readonly string[],
  { out, "no-code": noCode = false }: {
    out?: string | undefined;
    "no-code"?: boolean | undefined;
  },
): Promise<string> {
  const wanted = out === undefined ? undefined : outputFile(out, "html");
  const [executed] = await execute([asked], given);
  const file = wanted ?? outputFile(executed!.name, "html");
  const page = await notebookPage(executed!, { code: noCode ? "none" : "folded" });
  await write(file, page);
  const size = Math.ceil(new TextEncoder().encode(page).length / 1024);
  return `${shownPath(file)} (${size} kB): one file, opens without a network`;
}

/** Takes out of a notebook what its cells put out, as it is kept in git. */
async function clean(asked: string): Promise<string> {
  const { name, notebook } = await readNotebook(asked);
  await write(join(NOTEBOOKS, `${name}.ipynb`), storedText(notebook));
  return `notebooks/${name}.ipynb is without outputs`;
}

function say(step: string): void {
  console.error(step);
}

function wrong(message: string): Refusal {
  return new Refusal(`${message}; usage: ${USAGE}`, { exitCode: 2 });
}
