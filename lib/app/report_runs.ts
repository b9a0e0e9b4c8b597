import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { ComparedRun } from "../report/sheet/comparison.ts";
import { CARD_FILE, openTables, runStore } from "../results/mod.ts";
import { parseCard } from "../results/run_card.ts";

const NAV_FILE = "nav.parquet";

/** Cards and NAVs of several runs. Only these two files are read of each, so only they are checked for damage. */
export async function readCompared(
  idsOrPrefixes: readonly string[],
  resultsRoot: string,
): Promise<readonly ComparedRun[]> {
  const store = runStore(resultsRoot);
  const runs: ComparedRun[] = [];
  for (const prefix of idsOrPrefixes) {
    const id = await store.resolve(prefix);
    const folder = join(resultsRoot, "runs", id);
    const cardFile = join(folder, CARD_FILE);
    const navFile = join(folder, NAV_FILE);
    const [text, bytes] = await Promise.all([readOrRefuse(cardFile), readOrRefuse(navFile)]);
    const card = parseCard(new TextDecoder().decode(text), id, cardFile);
    if (sha256(bytes) !== card.artefacts[NAV_FILE]) {
      throw new Refusal(`${navFile} was changed or damaged since it was stored; run again`);
    }
    const { time, nav } = await openTables(folder).nav();
    runs.push({ card, times: time, nav });
  }
  return runs;
}

async function readOrRefuse(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new Refusal(`Cannot read ${file}: ${(cause as Error).message.split("\n", 1)[0]}`, {
      cause,
    });
  }
}
