import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { LedgerCount, TrialCount } from "../../results/mod.ts";
import { scriptText } from "./markup.ts";

/** What a tear sheet carries beside its looks, as it was put in. */
export interface SheetParts {
  readonly runId: string;
  readonly cardText: string;
  readonly proofsText: string;
  /** What the ledger of trials counted when the page was written; absent in a page of an earlier version. */
  readonly ledgerText?: string;
  readonly data: string;
  /** Hash of the script and style it was drawn with. */
  readonly client: string;
}

/** What the page of an experiment carries beside its looks, as it was put in. */
export interface ExperimentParts {
  readonly experimentId: string;
  readonly cardText: string;
  /** SHA-256 of the trials that it was drawn from. */
  readonly trials: string;
  readonly ledgerText: string;
  readonly client: string;
}

/** A page that was looked at: what it carries, and what of it does not fit together. */
export type ReadSheet =
  | { readonly kind: "run"; readonly parts: SheetParts; readonly odd: readonly string[] }
  | {
    readonly kind: "experiment";
    readonly parts: ExperimentParts;
    readonly odd: readonly string[];
  }
  | { readonly kind: "comparison"; readonly runIds: readonly string[] }
  | { readonly kind: "other" };

/** Takes a page apart. What is there twice, or not at all, makes it no page of ours. */
export function readSheet(page: string): ReadSheet {
  const { fact, block } = pageReader(page);
  const [kind, runId, seal] = ["page", "run", "seal"].map(fact);
  if (kind === "comparison") return { kind, runIds: (runId ?? "").split(" ") };
  if (kind === "experiment") return readExperiment({ fact, block });
  const [cardText, proofsText, data] = ["card", "proofs", "data"].map(block);
  const client = fact("client");
  if (
    kind !== "run" || runId === undefined || client === undefined ||
    cardText === undefined || proofsText === undefined || data === undefined
  ) return { kind: "other" };
  const ledgerText = block("ledger");
  const hashes = {
    card: sha256(cardText),
    proofs: sha256(proofsText),
    ...(ledgerText === undefined ? {} : { ledger: sha256(ledgerText) }),
    data: sha256(data),
  };
  const odd = oddBlocks(hashes, fact);
  const sealed = sha256(canonicalJson({ run: runId, ...hashes, client }));
  if (odd.length === 0 && seal !== sealed) odd.push(`its seal is ${seal}, expected ${sealed}`);
  const ledger = ledgerText === undefined ? {} : { ledgerText };
  return { kind, parts: { runId, cardText, proofsText, ...ledger, data, client }, odd };
}

interface PageReader {
  fact(name: string): string | undefined;
  block(name: string): string | undefined;
}

function pageReader(page: string): PageReader {
  return {
    fact: (name) => only(page, new RegExp(`^<meta name="assay:${name}" content="([^"]*)">$`, "gm")),
    block(name) {
      const text = only(
        page,
        new RegExp(`^<script type="application/json" id="assay-${name}">([^<]*)</script>$`, "gm"),
      );
      return text === undefined ? undefined : scriptText(text);
    },
  };
}

function readExperiment({ fact, block }: PageReader): ReadSheet {
  const [experimentId, trials, client, seal] = ["experiment", "trials", "client", "seal"].map(fact);
  const [cardText, ledgerText] = ["card", "ledger"].map(block);
  if (
    experimentId === undefined || trials === undefined || client === undefined ||
    cardText === undefined || ledgerText === undefined
  ) return { kind: "other" };
  const hashes = { card: sha256(cardText), ledger: sha256(ledgerText) };
  const odd = oddBlocks(hashes, fact);
  const sealed = sha256(canonicalJson({ experiment: experimentId, ...hashes, trials, client }));
  if (odd.length === 0 && seal !== sealed) odd.push(`its seal is ${seal}, expected ${sealed}`);
  const parts = { experimentId, cardText, trials, ledgerText, client };
  return { kind: "experiment", parts, odd };
}

function oddBlocks(
  hashes: Readonly<Record<string, string>>,
  fact: PageReader["fact"],
): string[] {
  // order: as the caller lists them
  return Object.entries(hashes).filter(([name, hash]) => fact(name) !== hash)
    .map(([name, hash]) =>
      `its ${name} block has SHA-256 ${hash}, the page's head says ${fact(name)}`
    );
}

/** The count of the ledger that a page carries; undefined where it carries none that could be one. */
export function ledgerOnPage(
  { ledgerText = "null" }: Pick<SheetParts, "ledgerText">,
): LedgerCount | undefined {
  let found: Partial<LedgerCount> | null;
  try {
    found = JSON.parse(ledgerText);
  } catch {
    return undefined;
  }
  const [own, related] = [countIn(found), countIn(found?.related)];
  const { entry } = found ?? {};
  const { seq, hash } = entry ?? {};
  const isEntry = entry === null || (isCount(seq) && typeof hash === "string");
  if (!own || !related || !isEntry) return undefined;
  return { ...own, related, entry: entry === null ? null : { seq: seq!, hash: hash! } };
}

function countIn(found: Partial<TrialCount> | null | undefined): TrialCount | undefined {
  const { trials, counted, statisticVariance } = found ?? {};
  if (!isCount(trials) || !isCount(counted) || counted > trials) return undefined;
  const isVariance = statisticVariance === null ||
    (typeof statisticVariance === "number" && statisticVariance >= 0);
  return isVariance ? { trials, counted, statisticVariance } : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function only(page: string, pattern: RegExp): string | undefined {
  const found = [...page.matchAll(pattern)];
  return found.length === 1 ? found[0]![1] : undefined;
}

/** Tables and columns in which two data blocks differ; empty when only their other facts do. */
export function differentColumns(found: string, expected: string): readonly string[] {
  const [a, b] = [found, expected].map(tablesIn);
  const names = [...new Set([...a!.keys(), ...b!.keys()])].sort();
  return names.filter((name) => a!.get(name) !== b!.get(name));
}

function tablesIn(data: string): ReadonlyMap<string, string> {
  try {
    const { tables } = JSON.parse(data) as {
      readonly tables: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    };
    // order: the caller sorts
    return new Map(
      Object.entries(tables).flatMap(([table, columns]) =>
        Object.entries(columns).map(([name, column]) =>
          [`${table}.${name}`, canonicalJson(column)] as const
        )
      ),
    );
  } catch {
    return new Map();
  }
}
