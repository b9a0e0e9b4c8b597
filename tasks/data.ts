import { join } from "node:path";
import {
  dataListTable,
  type DataOptions,
  dataReportPage,
  DAY_MS,
  downloadPage,
  importData,
  listData,
  parseDate,
  PROJECT_ROOT,
  Refusal,
  updateData,
  type UpdateItem,
  validateStored,
} from "../lib/mod.ts";
import { readKeys } from "./data_env.ts";
import { downloadLine } from "./data_progress.ts";
import { abortOnInterrupt, commaList, json, parseFlags, runTask } from "./shared.ts";

const USAGE = "deno task data download|update|validate|list|import [FILE] [--symbols A,B] " +
  "[--asset-class equity|crypto] [--timeframes h4,daily] [--start D] [--end D] [--source S] " +
  "[--accept-revisions] [--beside] [--symbol S --timeframe T --map open_time=Date,… --zone Z " +
  "--decimal , --thousands .] [--splits raw|applied] [--config FILE] [--set path=value]… [--json]";

const FLAGS = {
  symbols: { type: "string" },
  symbol: { type: "string" },
  "asset-class": { type: "string" },
  timeframes: { type: "string" },
  timeframe: { type: "string" },
  start: { type: "string" },
  end: { type: "string" },
  source: { type: "string" },
  map: { type: "string" },
  zone: { type: "string" },
  decimal: { type: "string" },
  thousands: { type: "string" },
  splits: { type: "string" },
  "accept-revisions": { type: "boolean" },
  beside: { type: "boolean" },
  config: { type: "string", multiple: true },
  set: { type: "string", multiple: true },
  json: { type: "boolean" },
} as const;

await runTask(async () => {
  const { values: flags, positionals } = parseFlags(FLAGS, USAGE);
  const [verb = "", ...files] = positionals;
  if (verb === "import" ? files.length !== 1 : files.length > 0) {
    throw usage(
      `found "${positionals.join(" ")}", expected ${
        verb === "import" ? "import FILE" : "one verb"
      }`,
    );
  }
  const options: DataOptions = {
    files: flags.config ?? [],
    sets: flags.set ?? [],
    keys: await readKeys(join(PROJECT_ROOT, ".env")),
  };
  switch (verb) {
    case "download":
    case "update":
      return await bringUpToDate(verb, flags, options);
    case "validate":
      return await validate(flags, options);
    case "list": {
      const stored = await listData(options);
      return flags.json ? json(stored) : dataListTable(stored);
    }
    case "import":
      return await takeIn(files[0]!, flags, options);
    default:
      throw usage(
        `found ${
          verb === "" ? "nothing" : `"${verb}"`
        }, expected download, update, validate, list or import`,
      );
  }
});

type Flags = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

async function bringUpToDate(verb: string, flags: Flags, options: DataOptions): Promise<string> {
  const symbols = commaList("--symbols", flags.symbols);
  if (verb === "download" && !symbols) throw usage("download: found no --symbols, expected some");
  if (verb === "download" && flags.start === undefined) {
    throw usage("download: found no --start, expected a first day such as 2020-01-01");
  }
  const timeframes = commaList("--timeframes", flags.timeframes)?.map(timeframeOf);
  const assetClass = classOf(flags["asset-class"]);
  const from = dateOf("--start", flags.start);
  const end = dateOf("--end", flags.end);
  if (from !== undefined && end !== undefined && from > end) {
    throw usage(`--start: found ${flags.start} after --end ${flags.end}, expected an earlier day`);
  }
  const line = downloadLine();
  const items = await updateData({
    ...(symbols ? { symbols } : {}),
    ...(timeframes ? { timeframes } : {}),
    ...(assetClass ? { assetClass } : {}),
    ...(from === undefined ? {} : { from }),
    ...(end === undefined ? {} : { to: end + DAY_MS }), // the day itself is included
    ...(flags.source === undefined ? {} : { source: flags.source }),
    acceptRevisions: flags["accept-revisions"] ?? false,
    beside: flags.beside ?? false,
  }, { ...options, signal: abortOnInterrupt(), onProgress: line.show })
    .catch((error) => {
      if (error instanceof DOMException && error.name === "AbortError") {
        throw new Refusal(
          "Interrupted: finished files are stored, the running one goes on where it was",
        );
      }
      throw error;
    }).finally(line.end);
  return finished(items, flags.json ?? false);
}

/** The page of all items; the exit code tells of failures first, then of history that differs. */
async function finished(items: readonly UpdateItem[], asJson: boolean): Promise<string> {
  const text = asJson ? json(items) : downloadPage(items);
  const failed = items.filter(({ failure }) => failure !== undefined);
  const differing = items.filter(({ differs }) => differs);
  if (failed.length + differing.length === 0) return text;
  await Deno.stdout.write(new TextEncoder().encode(`${text}\n`));
  if (failed.length > 0) {
    const [first] = failed;
    const rest = failed.length > 1 ? `, and ${failed.length - 1} more` : "";
    throw new Refusal(`${first!.what}: ${first!.failure}${rest}`);
  }
  const names = differing.map(({ what }) => what).join(", ");
  throw new Refusal(`History differs from what is stored: ${names}`, { exitCode: 3 });
}

async function validate(flags: Flags, options: DataOptions): Promise<string> {
  const report = await validateStored(options);
  const text = flags.json ? json(report) : dataReportPage(report);
  if (report.verdict === "clean") return text;
  await Deno.stdout.write(new TextEncoder().encode(`${text}\n`));
  const files = report.files.filter(({ findings }) => findings.some(({ beyond }) => beyond));
  throw new Refusal(`Data beyond the thresholds: ${files.map(({ file }) => file).join(", ")}`, {
    exitCode: 3,
  });
}

async function takeIn(file: string, flags: Flags, options: DataOptions): Promise<string> {
  const { symbol, timeframe, map, zone, decimal, thousands, splits } = flags;
  if (symbol === undefined || timeframe === undefined) {
    throw usage("import: found no --symbol or no --timeframe, expected both");
  }
  if (splits !== undefined && splits !== "raw" && splits !== "applied") {
    throw usage(`--splits: found "${splits}", expected raw or applied`);
  }
  const assetClass = classOf(flags["asset-class"]);
  const item = await importData({
    file,
    symbol,
    timeframe: timeframeOf(timeframe),
    ...(assetClass ? { assetClass } : {}),
    ...(map === undefined ? {} : { map }),
    ...(zone === undefined ? {} : { zone }),
    ...(decimal === undefined ? {} : { decimal }),
    ...(thousands === undefined ? {} : { thousands }),
    ...(splits === undefined ? {} : { splits }),
    acceptRevisions: flags["accept-revisions"] ?? false,
  }, options);
  return await finished([item], flags.json ?? false);
}

function timeframeOf(text: string): "h4" | "daily" {
  if (text === "h4" || text === "daily") return text;
  throw usage(`--timeframes: found "${text}", expected h4 or daily`);
}

function classOf(text: string | undefined): "equity" | "crypto" | undefined {
  if (text === undefined || text === "equity" || text === "crypto") return text;
  throw usage(`--asset-class: found "${text}", expected equity or crypto`);
}

function dateOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    return parseDate(text);
  } catch (error) {
    throw usage(`${flag}: ${(error as Error).message}`);
  }
}

function usage(message: string): Refusal {
  return new Refusal(`${message}; usage: ${USAGE}`, { exitCode: 2 });
}
