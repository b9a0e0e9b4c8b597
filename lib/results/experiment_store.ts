import { mkdirSync } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Disk, localDisk } from "../core/atomic_file.ts";
import { type Clock, systemClock } from "../core/clock.ts";
import { Refusal } from "../core/errors.ts";
import type { ExperimentCard, TrialRecord } from "../core/experiment.ts";
import { holdLock } from "../core/file_lock.ts";
import { openDatabase, type ResultsDatabase } from "./database.ts";
import {
  digestsOf,
  EXPERIMENT_FILES,
  type ExperimentContent,
  experimentFiles,
  refuseChanged,
} from "./experiment_files.ts";
import { notablePlaces, type TrialRecords, trialRecords, trialSchema } from "./experiment_table.ts";
import type { SealedExperiment } from "./ledger_experiments.ts";
import { readTable } from "./parquet_read.ts";
import { keptReturns, openReturns, type ReturnsFile } from "./returns_file.ts";

export type { ReturnsFile } from "./returns_file.ts";

/** A finished experiment in its folder. */
export interface StoredExperiment {
  readonly id: string;
  readonly folder: string;
  readonly card: ExperimentCard;
  /** By place; of more than some ten thousand only the best, those on the front and some that failed. */
  readonly trials: readonly TrialRecord[];
}

/**
 * Experiments under a results folder: `experiments/<id>/`, each never changed once it is there. The ledger has the SHA-256
 * of their files; one that is not as it was saved is refused with exit code 3.
 */
export interface ExperimentStore {
  /** Refuses a damaged one, and one that was changed. */
  find(id: string): Promise<StoredExperiment | undefined>;
  /** Cards of all finished experiments by id. Refuses as above. */
  list(): Promise<readonly ExperimentCard[]>;
  /**
   * Those of that name, the newest first, else the one whose id begins with `name`. Refuses none, and several that are not
   * all of one name.
   */
  matching(name: string): Promise<readonly [ExperimentCard, ...ExperimentCard[]]>;
  /** The id of the first of them. */
  resolve(name: string): Promise<string>;
  /** What was searched, as it was saved. */
  search(id: string): Promise<unknown>;
  /** With the trials' returns where they are kept. On the ledger before it is in its place. */
  save(content: ExperimentContent, returns?: ReturnsFile): Promise<StoredExperiment>;
  /** Daily returns of one trial of a finished experiment; undefined where they were not kept. */
  keptReturns(id: string, place: number, days: number): Float64Array | undefined;
  /** Daily returns of trials while the experiment runs. */
  returnsFile(id: string, days: number): ReturnsFile;
  /** Does `work` while no other process runs the same experiment. */
  exclusive<Result>(
    id: string,
    work: () => Promise<Result>,
    onWait?: () => void,
  ): Promise<Result>;
}

/** Where a store lies and what it asks of the machine. */
interface StoreGround {
  readonly root: string;
  /** Folder of all experiments. */
  readonly home: string;
  readonly disk: Disk;
  readonly clock: Clock;
}

/** The experiments under `root`. Nothing is made there before something is stored. */
export function experimentStore(
  root: string,
  { disk = localDisk, clock = systemClock }: {
    readonly disk?: Disk;
    /** For the ledger's word on when an experiment was saved. */
    readonly clock?: Clock;
  } = {},
): ExperimentStore {
  const home = join(root, "experiments");
  const ground = { root, home, disk, clock };
  const list = async () => (await listed(ground)).map(({ card }) => card);
  const matching = async (name: string) => matchOf(name, await listed(ground), home);
  return {
    find: (id) => find(ground, id),
    list,
    matching,
    resolve: async (name) => (await matching(name))[0].experiment_id,
    search: async (id) =>
      JSON.parse(await readFile(join(home, id, EXPERIMENT_FILES.search), "utf8")),
    save: (content, returns) => save(ground, content, returns),
    keptReturns: (id, place, days) =>
      keptReturns(join(home, id, EXPERIMENT_FILES.returns), place, days),
    returnsFile(id, days) {
      mkdirSync(home, { recursive: true });
      return openReturns(join(home, `.returns-${id}`), days);
    },
    async exclusive(id, work, onWait) {
      const locks = join(root, "locks");
      await disk.makeFolder(locks);
      const release = await holdLock(join(locks, `experiment-${id}.lock`), onWait);
      try {
        return await work();
      } finally {
        await release();
      }
    },
  };
}

async function find(
  { root, home }: StoreGround,
  id: string,
): Promise<StoredExperiment | undefined> {
  const card = await readCard(home, id);
  if (!card) return undefined;
  const folder = join(home, id);
  const [sealed] = await sealsOf(root, [id]);
  await refuseChanged(folder, sealed?.files);
  const columns = await readTable(join(folder, EXPERIMENT_FILES.trials), trialSchema(card));
  return { id, folder, card, trials: atHand(trialRecords(card, columns), card) };
}

interface Listed {
  readonly card: ExperimentCard;
  /** Its entry on the ledger: the larger, the newer. */
  readonly seq: number;
}

async function listed({ root, home }: StoreGround): Promise<readonly Listed[]> {
  const names = (await readdir(home).catch(() => [])).filter((name) => ID.test(name)).sort();
  const cards = (await Promise.all(names.map((name) => readCard(home, name))))
    .filter((card) => card !== undefined);
  const seals = await sealsOf(root, cards.map(({ experiment_id }) => experiment_id));
  return await Promise.all(cards.map(async (card, i) => {
    const sealed = seals[i];
    const name = EXPERIMENT_FILES.card;
    const own = sealed?.files[name];
    // The table of trials says nothing in a list: it is looked at when it is opened.
    await refuseChanged(join(home, card.experiment_id), own ? { [name]: own } : sealed?.files);
    return { card, seq: sealed!.seq };
  }));
}

/** What the ledger says of experiments; undefined for one that it does not know. Asking makes no ledger. */
async function sealsOf(
  root: string,
  ids: readonly string[],
): Promise<readonly (SealedExperiment | undefined)[]> {
  const file = databaseFile(root);
  if (ids.length === 0 || !await isThere(file)) return ids.map(() => undefined);
  return await withDatabase(file, (database) => ids.map((id) => database.sealedExperiment(id)));
}

async function withDatabase<Result>(
  file: string,
  work: (database: ResultsDatabase) => Result,
): Promise<Result> {
  const database = await openDatabase(file);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

function databaseFile(root: string): string {
  return join(root, "assay.db");
}

function isThere(place: string): Promise<boolean> {
  return stat(place).then(() => true, () => false);
}

function matchOf(
  name: string,
  experiments: readonly Listed[],
  home: string,
): readonly [ExperimentCard, ...ExperimentCard[]] {
  const matches = experiments.filter(({ card }) =>
    card.name === name || (ID_START.test(name) && card.experiment_id.startsWith(name))
  ).toSorted((a, b) => b.seq - a.seq).map(({ card }) => card);
  const [first, ...others] = matches;
  if (first === undefined) {
    const known = experiments.map(({ card }) => `${card.name} (${card.experiment_id})`);
    throw new Refusal(
      `No experiment "${name}" in ${home}; ${
        known.length === 0 ? "none is finished" : `finished are ${known.join(", ")}`
      }`,
    );
  }
  const isName = matches.every((card) => card.name === name);
  if (others.length === 0 || isName) return [first, ...others];
  const ids = matches.map(({ experiment_id, start, end, trials }) =>
    `${experiment_id} (${start} to ${end}, ${trials.count} trials)`
  );
  throw new Refusal(
    `"${name}" may be ${ids.join(" or ")}, expected one experiment: name it by its id`,
  );
}

/**
 * The entry of the ledger is there before the folder is: whoever stops in between leaves a word about an experiment that is
 * run again, never an experiment that nobody vouches for. A folder with the very same bytes stays.
 */
async function save(
  ground: StoreGround,
  content: ExperimentContent,
  returns: ReturnsFile | undefined,
): Promise<StoredExperiment> {
  const { root, home, disk, clock } = ground;
  const { card, trials } = content;
  const id = card.experiment_id;
  const folder = join(home, id);
  const temporary = join(home, `.tmp-${id}`);
  const files = await experimentFiles(content);
  try {
    await rm(temporary, { recursive: true, force: true });
    if (await holds(folder, files)) {
      returns?.settle(join(folder, EXPERIMENT_FILES.returns));
    } else {
      await disk.makeFolder(temporary);
      for (const [name, bytes] of files) await disk.writeSynced(join(temporary, name), bytes);
      await disk.syncFolder(temporary);
    }
    await withDatabase(
      databaseFile(root),
      (database) => database.sealExperiment(card, { files: digestsOf(files), at: clock.now() }),
    );
    if (await isThere(temporary)) {
      returns?.settle(join(temporary, EXPERIMENT_FILES.returns));
      await rm(folder, { recursive: true, force: true });
      await disk.rename(temporary, folder);
      await disk.syncFolder(home);
    }
  } catch (cause) {
    await rm(temporary, { recursive: true, force: true });
    throw new Refusal(`Cannot save experiment ${id} in ${home}: ${(cause as Error).message}`, {
      cause,
    });
  }
  return { id, folder, card, trials: atHand(trials, card) };
}

/** Whether a folder has these files, byte by byte. */
async function holds(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
  const same = await Promise.all([...files].map(async ([name, bytes]) => {
    const found = await readFile(join(folder, name)).catch(() => undefined);
    return found !== undefined && found.equals(bytes);
  }));
  return same.every((one) => one);
}

function atHand(trials: TrialRecords, { winner }: ExperimentCard): readonly TrialRecord[] {
  return notablePlaces(trials, winner?.trial ?? null).map(trials.at);
}

async function readCard(home: string, id: string): Promise<ExperimentCard | undefined> {
  const file = join(home, id, EXPERIMENT_FILES.card);
  const text = await readFile(file, "utf8").catch((error) => {
    if (error.code === "ENOENT") return undefined;
    throw new Refusal(`Cannot read ${file}: ${error.message}`);
  });
  return text === undefined ? undefined : parseCard(text, id, file);
}

const ID = /^[0-9a-f]{16}$/;
const ID_START = /^[0-9a-f]{4,16}$/;

function parseCard(text: string, id: string, file: string): ExperimentCard {
  try {
    const card = JSON.parse(text) as ExperimentCard;
    if (card.experiment_id === id && Array.isArray(card.dimensions)) return card;
    throw new SyntaxError(`it is of ${card.experiment_id}, expected ${id}`);
  } catch (cause) {
    throw new Refusal(
      `Cannot read ${file}, expected the card of an experiment: ${(cause as Error).message}`,
      { cause },
    );
  }
}
