import { readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { systemClock } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import { canonicalJson, sha256 } from "../core/hash.ts";
import { openSandbox, type Sandbox } from "../engine/sandbox.ts";
import { clientHash } from "../report/sheet/page.ts";
import {
  differentColumns,
  ledgerOnPage,
  readSheet,
  type SheetParts,
} from "../report/sheet/read_sheet.ts";
import { tearSheet } from "../report/sheet/sheet.ts";
import {
  CARD_FILE,
  jsonDifferences,
  ledgerKeyOfCard,
  openDatabase,
  type RunCard,
} from "../results/mod.ts";
import { cardCode } from "./card_parts.ts";
import { codeFingerprint } from "./code_fingerprint.ts";
import { loadFor } from "./compute.ts";
import type { LoadedData } from "./load_data.ts";
import type { LoadedPlan } from "./load_plan.ts";
import { plannedRun } from "./planned_run.ts";
import { RESULTS_ROOT } from "./project.ts";
import { loadPageClient } from "./report_client.ts";
import { databaseFile } from "./trial.ts";
import type { VerifyOptions } from "./verify.ts";
import { cardFinding, readCard, type VerifiedCard } from "./verify_card.ts";
import { codeFindings } from "./verify_code.ts";
import { dataFindings, unreadableData } from "./verify_data.ts";
import { countsNothing, wrongCount } from "./verify_count.ts";
import { damagedFiles } from "./verify_files.ts";
import { verifyExperimentPage } from "./verify_experiment.ts";
import type { Finding, Verification } from "./verify_finding.ts";
import { notAudited } from "./verify_proofs.ts";
import { type MadeAgain, madeAgain } from "./verify_report_run.ts";

/**
 * Computes the run inside a tear sheet again, from the card that the page carries, with its proofs, and compares every
 * byte of the page with what the run gives. The run's own folder may be there or not; where it is, its files must be
 * what the card says. The page of an experiment is drawn again from the stored experiment. Refuses a file that is
 * neither.
 */
export async function verifyReport(
  file: string,
  options: VerifyOptions = {},
): Promise<Verification> {
  const clock = options.clock ?? systemClock;
  const begun = clock.elapsed();
  const page = await readPage(file);
  const read = readSheet(page);
  if (read.kind === "experiment") {
    const { parts, odd } = read;
    const found = await verifyExperimentPage({ name: basename(file), page, parts, odd }, options);
    return { ...found, duration_ms: clock.elapsed() - begun };
  }
  if (read.kind !== "run") throw noTearSheet(file, read);
  const { parts, odd } = read;
  const name = basename(file);
  const found = await examine({ name, page, parts, options });
  const counted = await countCheck(parts, options.resultsRoot ?? RESULTS_ROOT);
  const findings = [
    ...odd.map((what) => pageFinding(name, what)),
    ...(counted.wrong === undefined ? [] : [pageFinding(name, counted.wrong)]),
    ...found.findings,
  ];
  const files = [...found.made?.files.values() ?? []];
  return {
    run_id: parts.runId,
    verdict: found.made && findings.length === 0 ? "equal" : "different",
    findings,
    notes: [
      ...(found.made && !found.made.shown.includes("certificate") ? [notAudited(parts.runId)] : []),
      ...counted.notes,
    ],
    executed: found.made !== undefined,
    files: files.length,
    bytes: files.reduce((sum, { length }) => sum + length, 0),
    data_root: found.dataRoot ?? null,
    duration_ms: clock.elapsed() - begun,
  };
}

/**
 * The count of trials that a tear sheet carries against the ledger that its run is on. A page may lie where another ledger
 * is, which cannot say anything about it.
 */
async function countCheck(
  parts: SheetParts,
  root: string,
): Promise<{ readonly wrong?: string; readonly notes: readonly string[] }> {
  if (countsNothing(parts)) return { notes: [] };
  const onPage = ledgerOnPage(parts);
  if (!await stat(databaseFile(root)).then(() => true, () => false)) {
    return { notes: [notCounted(parts.runId)] };
  }
  const database = await openDatabase(databaseFile(root));
  try {
    const since = database.registeredAt(parts.runId);
    if (since === undefined) return { notes: [notCounted(parts.runId)] };
    const key = ledgerKeyOfCard(JSON.parse(parts.cardText) as RunCard);
    const wrong = wrongCount(onPage, database, { key, since });
    return { ...(wrong === undefined ? {} : { wrong }), notes: [] };
  } catch (error) {
    // A card that is none is found as that.
    if (error instanceof SyntaxError || error instanceof TypeError) return { notes: [] };
    throw error;
  } finally {
    database.close();
  }
}

function notCounted(id: string): string {
  return `Run ${id} is not on this ledger of trials: the count on the page is the page's own`;
}

async function readPage(file: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await readFile(file));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split("\n", 1)[0] : String(cause);
    throw new Refusal(`Cannot read ${file}, expected a tear sheet: ${why}`, { cause });
  }
}

function noTearSheet(
  file: string,
  read: Exclude<ReturnType<typeof readSheet>, { kind: "run" | "experiment" }>,
) {
  const found = read.kind === "comparison"
    ? `a comparison of ${read.runIds.length} runs; verify each of them by its id`
    : "no run card in it, or several";
  return new Refusal(`${file}: expected the tear sheet of one run, found ${found}`);
}

interface Examination {
  readonly name: string;
  readonly page: string;
  readonly parts: SheetParts;
  readonly options: VerifyOptions;
}

interface Examined {
  readonly findings: readonly Finding[];
  readonly made?: MadeAgain;
  readonly dataRoot?: string;
}

/** From what is cheap to see to what must be computed; stops where going on would compare unlike things. */
async function examine(examination: Examination): Promise<Examined> {
  const { parts, options } = examination;
  const { runId: id, cardText } = parts;
  const root = options.resultsRoot ?? RESULTS_ROOT;
  const { findings: cardFindings, sound } = readCard(new TextEncoder().encode(cardText), id);
  if (!sound) return { findings: cardFindings };
  const { card, plan } = sound;
  const code = options.code ?? await codeFingerprint();
  const changed = codeFindings(card.code, cardCode(code));
  if (changed.length > 0) return { findings: [...cardFindings, ...changed] };
  const stored = await storedFindings(root, parts, card.artefacts);
  const { define, dataRoot: asked } = options;
  const loaded = await plannedRun({
    ...{ id, plan, sealed: card.sealed, root },
    ...(define === undefined ? {} : { define }),
    ...(asked === undefined ? {} : { dataRoot: asked }),
  });
  const { dataRoot } = loaded;
  const threads = options.threads ?? 1;
  const sandbox = card.sealed && threads > 0 ? openSandbox({ threads }) : undefined;
  try {
    const { data, findings } = await dataOf(loaded, card, { options, sandbox });
    const known = [...cardFindings, ...stored, ...findings];
    if (!data) return { findings: known, dataRoot };
    const { clock = systemClock, signal, onProgress } = options;
    const request = { id, loaded, data, code, sandbox, clock, signal, onProgress };
    const made = await madeAgain(request, parts.proofsText);
    const compared = await comparedPage(examination, made, card.artefacts);
    return { findings: [...known, ...made.findings, ...compared], made, dataRoot };
  } finally {
    sandbox?.close();
  }
}

/** The data of the run, or how they differ from what they were. */
async function dataOf(
  loaded: LoadedPlan,
  card: VerifiedCard,
  { options, sandbox }: { options: VerifyOptions; sandbox: Sandbox | undefined },
): Promise<{ readonly data?: LoadedData; readonly findings: readonly Finding[] }> {
  try {
    const { clock = systemClock, signal } = options;
    const data = await loadFor(loaded, { sandbox, clock, signal });
    const { dataRoot, plan: { assets } } = loaded;
    const findings = dataFindings(card.data, { ...data, dataRoot, assets });
    return findings.length > 0 ? { findings } : { data, findings };
  } catch (error) {
    if (!(error instanceof Refusal) || options.signal?.aborted) throw error;
    return { findings: [unreadableData(error.message)] };
  }
}

/** Where the run lies in the results too, its files are those of the page's card. */
async function storedFindings(
  root: string,
  { runId, cardText }: SheetParts,
  artefacts: Readonly<Record<string, string>>,
): Promise<readonly Finding[]> {
  const folder = join(root, "runs", runId);
  const card = await readFile(join(folder, CARD_FILE), "utf8").catch(() => undefined);
  if (card === undefined) return [];
  const files = new Map<string, Uint8Array>();
  for (const name of Object.keys(artefacts).sort()) {
    const bytes = await readFile(join(folder, name)).catch(() => undefined);
    if (bytes) files.set(name, bytes);
  }
  const same = card === cardText;
  return [
    ...(same ? [] : [cardFinding(`the card in ${folder} is not the one in the page`)]),
    ...damagedFiles(files, artefacts),
  ];
}

/** Everything the page shows against what came out now. */
async function comparedPage(
  { name, page, parts }: Examination,
  made: MadeAgain,
  artefacts: Readonly<Record<string, string>>,
): Promise<readonly Finding[]> {
  const differences = [
    ...fileFindings(made.files, artefacts),
    ...cardDifferences(parts.cardText, made.cardText),
    ...proofDifferences(name, parts.proofsText, made),
  ];
  const client = await loadPageClient();
  // The ledger grows: its count is the page's own, all that follows from it is computed again.
  const source = { ...made, ledger: ledgerOnPage(parts) };
  const again = tearSheet(source, client);
  // Whether a certificate on file was damaged when the page was written, nobody can know from the run.
  const damagedProofs = ["certificate"];
  if ([again, tearSheet({ ...source, damagedProofs }, client)].includes(page)) return differences;
  const columns = differentColumns(parts.data, made.data);
  if (columns.length > 0) {
    const some = columns.slice(0, 5).join(", ");
    const rest = columns.length > 5 ? ` and ${columns.length - 5} more` : "";
    differences.push(pageFinding(name, `its data are not the run's: ${some}${rest}`));
  }
  if (clientHash(client) !== parts.client) {
    const what = "it was drawn by another version of the report; write it again with this one";
    return [...differences, pageFinding(name, what)];
  }
  if (differences.length > 0) return differences;
  const lines = again.split("\n");
  const row = page.split("\n").findIndex((line, place) => line !== lines[place]) + 1;
  return [pageFinding(name, `line ${row} is not what the run gives`, { row })];
}

function fileFindings(
  files: ReadonlyMap<string, Uint8Array>,
  artefacts: Readonly<Record<string, string>>,
): Finding[] {
  return Object.entries(artefacts).flatMap(([file, expected]): Finding[] => {
    const bytes = files.get(file);
    const found = bytes ? sha256(bytes) : "";
    if (found === expected) return [];
    const message = bytes
      ? `${file} does not come out again: found SHA-256 ${found}, expected ${expected}`
      : `${file} does not come out again`;
    return [{ kind: "artefact", file, message, expected, found }];
  });
}

function cardDifferences(found: string, expected: string): readonly Finding[] {
  if (found === expected) return [];
  return jsonDifferences(JSON.parse(found), JSON.parse(expected))
    .map((difference) => cardFinding(difference.message, difference));
}

function proofDifferences(
  name: string,
  found: string,
  { proofsText, unproved }: MadeAgain,
): readonly Finding[] {
  if (found === proofsText) return [];
  const [page, now] = [found, proofsText].map((text) =>
    JSON.parse(text) as Record<string, unknown>
  );
  return Object.keys(page!).sort()
    .filter((proof) => canonicalJson(page![proof]) !== canonicalJson(now![proof]))
    .map((proof) => {
      const what = unproved === undefined || now![proof] !== undefined
        ? "is not what the run gives"
        : `could not be made again: ${unproved}`;
      return pageFinding(name, `its ${proof} ${what}`);
    });
}

function pageFinding(file: string, what: string, parts: Partial<Finding> = {}): Finding {
  return { kind: "artefact", file, ...parts, message: `${file}: ${what}` };
}
