import { Refusal } from "../../core/errors.ts";
import type { AssetData } from "../../engine/plan.ts";
import { type ColumnStore, fetchColumns } from "../../engine/sweep/queue_data.ts";
import type { RedisClient } from "../../engine/sweep/queue_library.ts";
import type { ExperimentNote } from "../../engine/sweep/queue_protocol.ts";
import { fingerprintRefusal } from "../../engine/sweep/queue_worker.ts";
import { MODELS } from "../../models/mod.ts";
import type { RegimeData } from "../../regime/mod.ts";
import { loadData, type LoadedData, loadedDataOf } from "../load_data.ts";
import { loadedRegimesOf } from "../load_regimes.ts";

/** What an experiment's trials run on, or why it is not to be had here. */
export interface SweepGroundFound {
  readonly data?: LoadedData;
  readonly refusal?: string;
}

/** The data of an experiment: from a folder where one is named, else through the queue's host, by their fingerprint the same. */
export async function sweepGround(
  note: ExperimentNote,
  { redis, columns, dataRoot }: {
    readonly redis: RedisClient;
    readonly columns: ColumnStore;
    readonly dataRoot: string | undefined;
  },
): Promise<SweepGroundFound> {
  try {
    const data = dataRoot === undefined
      ? await fetched(note, redis, columns)
      : await fromFolder(note, dataRoot);
    if (data.fingerprint === note.data) return { data };
    const { fingerprint: found } = data;
    return { refusal: fingerprintRefusal("data", { found, expected: note.data }) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return {
      refusal: `${error.message}; the experiment expects data fingerprint ${
        note.data.slice(0, 16)
      }`,
    };
  }
}

async function fromFolder({ base }: ExperimentNote, dataRoot: string): Promise<LoadedData> {
  const names = new Set(base.models.map(({ name }) => name));
  const models = MODELS.filter(({ name }) => names.has(name));
  return await loadData({ plan: base, models, dataRoot });
}

async function fetched(
  { base, ground }: ExperimentNote,
  redis: RedisClient,
  columns: ColumnStore,
): Promise<LoadedData> {
  const whole = await fetchColumns(redis, ground, columns) as {
    readonly data: readonly AssetData[];
    readonly regimes: RegimeData | null;
  };
  return loadedDataOf(base, whole.data, loadedRegimesOf(whole.regimes ?? {}));
}
