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
  DamagedExperiment,
  digestsOf,
  EXPERIMENT_FILES,
  type ExperimentContent,
  experimentFiles,
  refuseChanged,
  WHAT_TO_DO,
} from "./experiment_files.ts";
import { notablePlaces, type TrialRecords, trialRecords, trialSchema } from "./experiment_table.ts";
import type { SealedExperiment } from "./ledger_experiments.ts";
import { readTable } from "./parquet_read.ts";
import { isAsSettled, keptReturns, openReturns, type ReturnsFile } from "./returns_file.ts";

export type { ReturnsFile } from "./returns_file.ts";

/** A damaged experiment beside those that can be read. */
export interface DamagedEntry {
  readonly id: string;
  /** As the ledger has it; undefined for one that it does not know. */
  readonly name: string | undefined;
  readonly damage: DamagedExperiment;
}

/** All finished experiments, by id. */
export interface ExperimentListing {
  readonly cards: readonly ExperimentCard[];
  readonly damaged: readonly DamagedEntry[];
}

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
  /** Cards of all finished experiments; a damaged one keeps none of the others from being listed. */
  list(): Promise<ExperimentListing>;
  /**
   * Those of that name, the newest first, else the one whose id begins with `name`. Refuses none, several that are not all of
   * one name, and a damaged one where it is the newest.
   */
  matching(name: string): Promise<readonly [ExperimentCard, ...ExperimentCard[]]>;
  /** The id of the first of them. */
  resolve(name: string): Promise<string>;
  /** What was searched, as it was saved. */
  search(id: string): Promise<unknown>;
  /** With the trials' returns where they are not too many. On the ledger before it is in its place. */
  save(content: ExperimentContent, returns?: ReturnsFile): Promise<StoredExperiment>;
  /** A reader of what finished experiments keep of their trials' returns. Each file is held against the ledger once. */
  keptReturns(ledger: Pick<ResultsDatabase, "sealedExperiment">): KeptReturns;
  /** Daily returns of trials while the experiment runs. */
  returnsFile(id: string, days: number): ReturnsFile;
  /** Does `work` while no other process runs the same experiment. */
  exclusive<Result>(
    id: string,
    work: () => Promise<Result>,
    onWait?: () => void,
  ): Promise<Result>;
}

/** Daily returns of one trial; undefined where they were not kept, or are not those that the ledger has the hash of. */
export type KeptReturns = (id: string, place: number, days: number) => Float64Array | undefined;

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
  const list = async () => listing(await listed(ground));
  const matching = async (name: string) => matchOf(name, await listed(ground), home);
  return {
    find: (id) => find(ground, id),
    list,
    matching,
    resolve: async (name) => (await matching(name))[0].experiment_id,
    search: async (id) =>
      JSON.parse(await readFile(join(home, id, EXPERIMENT_FILES.search), "utf8")),
    save: (content, returns) => save(ground, content, returns),
    keptReturns: (ledger) => vouchedReturns(home, ledger),
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

function vouchedReturns(
  home: string,
  ledger: Pick<ResultsDatabase, "sealedExperiment">,
): KeptReturns {
  const known = new Map<string, boolean>();
  const isVouchedFor = (id: string, file: string) => {
    const digest = ledger.sealedExperiment(id)?.files[EXPERIMENT_FILES.returns];
    return digest !== undefined && isAsSettled(file, digest);
  };
  return (id, place, days) => {
    const file = join(home, id, EXPERIMENT_FILES.returns);
    const isVouched = known.get(id) ?? isVouchedFor(id, file);
    known.set(id, isVouched);
    return isVouched ? keptReturns(file, place, days) : undefined;
  };
}

interface Listed {
  readonly id: string;
  readonly name: string | undefined;
  readonly found: ExperimentCard | DamagedExperiment;
  /** Its entry on the ledger: the larger, the newer; -1 without one. */
  readonly seq: number;
}

async function listed({ root, home }: StoreGround): Promise<readonly Listed[]> {
  const names = (await readdir(home).catch(() => [])).filter((name) => ID.test(name)).sort();
  const read = await Promise.all(
    names.map(async (id) => ({ id, card: await orDamage(readCard(home, id)) })),
  );
  const there = read.filter(({ card }) => card !== undefined);
  const seals = await sealsOf(root, there.map(({ id }) => id));
  return await Promise.all(there.map(async ({ id, card }, i) => {
    const sealed = seals[i];
    const found = card instanceof DamagedExperiment
      ? card
      : await orDamage(asSaved(card!, join(home, id), sealed));
    const name = card instanceof DamagedExperiment ? sealed?.name : card!.name;
    return { id, name, found, seq: sealed?.seq ?? -1 };
  }));
}

/** The card, unless it is not as it was saved: other files say nothing in a list and are looked at when it is opened. */
async function asSaved(
  card: ExperimentCard,
  folder: string,
  sealed: SealedExperiment | undefined,
): Promise<ExperimentCard> {
  const name = EXPERIMENT_FILES.card;
  const own = sealed?.files[name];
  await refuseChanged(folder, own ? { [name]: own } : sealed?.files);
  return card;
}

/** What comes out, or the damage that it was refused for. */
async function orDamage<Result>(
  reading: Promise<Result>,
): Promise<Result | DamagedExperiment> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DamagedExperiment) return error;
    throw error;
  }
}

function listing(experiments: readonly Listed[]): ExperimentListing {
  const cards: ExperimentCard[] = [];
  const damaged: DamagedEntry[] = [];
  for (const { id, name, found } of experiments) {
    if (found instanceof DamagedExperiment) damaged.push({ id, name, damage: found });
    else cards.push(found);
  }
  return { cards, damaged };
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
  const matches = experiments.filter((one) =>
    one.name === name || (ID_START.test(name) && one.id.startsWith(name))
  ).toSorted((a, b) => b.seq - a.seq);
  const [newest, ...others] = matches;
  if (newest === undefined) {
    const known = experiments.map((one) => `${one.name ?? "damaged"} (${one.id})`);
    throw new Refusal(
      `No experiment "${name}" in ${home}; ${
        known.length === 0 ? "none is finished" : `finished are ${known.join(", ")}`
      }`,
    );
  }
  if (others.length > 0 && matches.some((one) => one.name !== name)) {
    throw new Refusal(
      `"${name}" may be ${matches.map(matchText).join(" or ")}, ` +
        "expected one experiment: name it by its id",
    );
  }
  if (newest.found instanceof DamagedExperiment) throw newest.found;
  return [newest.found, ...listing(others).cards];
}

function matchText({ id, found }: Listed): string {
  if (found instanceof DamagedExperiment) return `${id} (damaged)`;
  return `${id} (${found.start} to ${found.end}, ${found.trials.count} trials)`;
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
  const digest = returns?.digest();
  const digests = {
    ...digestsOf(files),
    ...(digest === undefined ? {} : { [EXPERIMENT_FILES.returns]: digest }),
  };
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
      (database) => database.sealExperiment(card, { files: digests, at: clock.now() }),
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
    throw new DamagedExperiment(`Cannot read ${file}: ${error.message}; ${WHAT_TO_DO}`);
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
    // What JSON says quotes the text, which may have lines.
    const why = (cause as Error).message.replaceAll(/\s+/g, " ");
    throw new DamagedExperiment(
      `Cannot read ${file}, expected the card of an experiment: ${why}; ${WHAT_TO_DO}`,
      { cause },
    );
  }
}
