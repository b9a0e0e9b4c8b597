import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { LedgerCount } from "../../results/mod.ts";
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

/** A page that was looked at: what it carries, and what of it does not fit together. */
export type ReadSheet =
  | { readonly kind: "run"; readonly parts: SheetParts; readonly odd: readonly string[] }
  | { readonly kind: "comparison"; readonly runIds: readonly string[] }
  | { readonly kind: "other" };

/** Takes a page apart. What is there twice, or not at all, makes it no page of ours. */
export function readSheet(page: string): ReadSheet {
  const fact = (name: string) =>
    only(page, new RegExp(`^<meta name="assay:${name}" content="([^"]*)">$`, "gm"));
  const block = (name: string) => {
    const text = only(
      page,
      new RegExp(`^<script type="application/json" id="assay-${name}">([^<]*)</script>$`, "gm"),
    );
    return text === undefined ? undefined : scriptText(text);
  };
  const [kind, runId, seal] = ["page", "run", "seal"].map(fact);
  if (kind === "comparison") return { kind, runIds: (runId ?? "").split(" ") };
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
  // order: as written above
  const odd = Object.entries(hashes).filter(([name, hash]) => fact(name) !== hash)
    .map(([name, hash]) =>
      `its ${name} block has SHA-256 ${hash}, the page's head says ${fact(name)}`
    );
  const sealed = sha256(canonicalJson({ run: runId, ...hashes, client }));
  if (odd.length === 0 && seal !== sealed) odd.push(`its seal is ${seal}, expected ${sealed}`);
  const ledger = ledgerText === undefined ? {} : { ledgerText };
  return { kind, parts: { runId, cardText, proofsText, ...ledger, data, client }, odd };
}

/** The count of the ledger that a page carries; undefined where it carries none that could be one. */
export function ledgerOnPage({ ledgerText = "null" }: SheetParts): LedgerCount | undefined {
  let count: Partial<LedgerCount> | null;
  try {
    count = JSON.parse(ledgerText);
  } catch {
    return undefined;
  }
  const { trials, counted, sharpeVariance } = count ?? {};
  if (!isCount(trials) || !isCount(counted) || counted > trials) return undefined;
  const isVariance = sharpeVariance === null ||
    (typeof sharpeVariance === "number" && sharpeVariance >= 0);
  return isVariance ? { trials, counted, sharpeVariance } : undefined;
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
