import process from "node:process";
import { Refusal } from "../../core/errors.ts";

/** Exactly these versions, which are locked in `deno.lock` beside this file and not in that of the project. */
export const BULLMQ = "npm:bullmq@5.58.0";
export const IOREDIS = "npm:ioredis@5.7.0";
/** Not used; named since other versions of it cannot be locked for all platforms. */
export const MSGPACKR_EXTRACT = "npm:msgpackr-extract@3.0.3";

/** What is used of a connection. */
export interface RedisClient {
  connect(): Promise<void>;
  call(command: string, ...parts: readonly RedisPart[]): Promise<unknown>;
  callBuffer(command: string, ...parts: readonly RedisPart[]): Promise<unknown>;
  disconnect(): void;
  on(event: string, listener: (value?: unknown) => void): void;
}

/** A part of a command. */
export type RedisPart = string | number | Uint8Array;

/** How a connection is made. */
export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: { readonly ca?: string };
  readonly connectTimeout: number;
  readonly maxRetriesPerRequest: null;
  readonly lazyConnect?: boolean;
  readonly retryStrategy: (times: number) => number | null;
}

/** What is used of a job. */
export interface QueuedJob {
  readonly id: string;
  readonly data: unknown;
  readonly failedReason?: string;
  remove(): Promise<void>;
  moveToDelayed(at: number, token?: string): Promise<void>;
}

/** How a job is put into a queue. */
export interface NewJob {
  readonly name: string;
  readonly data: unknown;
  readonly opts: Readonly<Record<string, unknown>>;
}

/** What is used of a queue. */
export interface JobQueue {
  addBulk(jobs: readonly NewJob[]): Promise<unknown>;
  getFailed(from: number, to: number): Promise<readonly (QueuedJob | undefined)[]>;
  drain(delayed: boolean): Promise<void>;
  resume(): Promise<void>;
  obliterate(options: { readonly force: boolean }): Promise<void>;
  close(): Promise<void>;
  on(event: "error", listener: (error: Error) => void): void;
}

/** What is used of somebody who takes jobs from a queue. */
export interface JobWorker {
  close(force?: boolean): Promise<void>;
  on(event: "error" | "failed", listener: (...values: readonly unknown[]) => void): void;
}

/** The two packages. */
export interface QueueLibrary {
  readonly Redis: new (options: ConnectionOptions) => RedisClient;
  readonly Queue: new (name: string, options: Readonly<Record<string, unknown>>) => JobQueue;
  readonly Worker: new (
    name: string,
    process: (job: QueuedJob, token?: string) => Promise<unknown>,
    options: Readonly<Record<string, unknown>>,
  ) => JobWorker;
  readonly DelayedError: new () => Error;
}

let loaded: Promise<QueueLibrary> | undefined;

/** The packages, fetched and loaded on first use. */
export function queueLibrary(): Promise<QueueLibrary> {
  return loaded ??= load();
}

/**
 * The specifiers are computed and in no import map: the first run of anything would fetch what the project's lock file names.
 * While the packages load they see an empty environment: they would look through all of it for settings of their own.
 */
async function load(): Promise<QueueLibrary> {
  const [bullmq, ioredis]: readonly string[] = [BULLMQ, IOREDIS];
  const environment = Object.getOwnPropertyDescriptor(process, "env")!;
  const empty = { MSGPACKR_NATIVE_ACCELERATION_DISABLED: "true" };
  Object.defineProperty(process, "env", { value: empty, configurable: true, writable: true });
  try {
    const { Queue, Worker, DelayedError } = await import(bullmq!);
    const { Redis } = await import(ioredis!);
    return { Redis, Queue, Worker, DelayedError };
  } catch (cause) {
    const message = "Cannot open a queue: found no BullMQ in this process, expected one on the " +
      "lock file of lib/engine/sweep (deno task optimize, deno task worker), online the first time";
    throw new Refusal(message, { cause });
  } finally {
    Object.defineProperty(process, "env", environment);
  }
}
