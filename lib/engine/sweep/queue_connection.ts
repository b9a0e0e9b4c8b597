import { readFile } from "node:fs/promises";
import { Refusal } from "../../core/errors.ts";
import { oneLine } from "../channel.ts";
import type { RedisAddress } from "./queue_address.ts";
import {
  type ConnectionOptions,
  type QueueLibrary,
  queueLibrary,
  type RedisClient,
} from "./queue_library.ts";

/** A Redis that has answered, and more connections to it. */
export interface RedisLink {
  readonly redis: RedisClient;
  readonly library: QueueLibrary;
  /** For queues and workers, which make connections of their own. */
  readonly options: ConnectionOptions;
  /** `host:port`, for people. */
  readonly where: string;
  /** Whether the connection stands now; commands wait while it does not. */
  isUp(): boolean;
  another(): Promise<RedisClient>;
  close(): void;
}

/** What happens to a connection once it stood. */
export interface LinkEvents {
  onDown?(): void;
  onUp?(): void;
}

const CONNECT_MS = 5_000;
const OLDEST = [6, 2];

/** Connects and makes sure of the password and the version. Refuses in one line, in which no password stands. */
export async function openRedis(
  address: RedisAddress,
  { onDown, onUp }: LinkEvents = {},
): Promise<RedisLink> {
  await refuseClosedNet(address);
  const library = await queueLibrary();
  const base = await optionsOf(address);
  const clients: RedisClient[] = [];
  const open = async (): Promise<RedisClient> => {
    let stands = false;
    let trouble: unknown;
    const redis = new library.Redis({
      ...base,
      lazyConnect: true,
      retryStrategy: (times) => stands ? patience(times) : null,
    });
    redis.on("error", (error) => trouble = error);
    clients.push(redis);
    try {
      await redis.connect();
      await redis.call("PING");
    } catch (error) {
      redis.disconnect();
      throw refusalOf(trouble ?? error, address);
    }
    stands = true;
    return redis;
  };
  const redis = await open();
  let isUp = true;
  redis.on("close", () => {
    if (isUp) onDown?.();
    isUp = false;
  });
  redis.on("ready", () => {
    if (!isUp) onUp?.();
    isUp = true;
  });
  const link: RedisLink = {
    ...{ redis, library, where: address.where },
    options: { ...base, retryStrategy: patience },
    isUp: () => isUp,
    another: open,
    close() {
      isUp = false;
      for (const client of clients) client.disconnect();
    },
  };
  await refuseOldServer(link);
  return link;
}

function patience(times: number): number {
  return Math.min(1_000, 100 * times);
}

async function optionsOf(address: RedisAddress): Promise<ConnectionOptions> {
  const { host, port, user, password, db, tls, caFile } = address;
  return {
    ...{ host, port, db },
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: caFile === undefined ? {} : { ca: await certificates(caFile) } } : {}),
    connectTimeout: CONNECT_MS,
    maxRetriesPerRequest: null,
    retryStrategy: patience,
  };
}

async function certificates(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new Refusal(`ASSAY_REDIS_CA: cannot read ${file}: ${(error as Error).message}`);
  }
}

/** Deno would name the missing permission; a person needs the variable that gives it. */
async function refuseClosedNet({ host, port, where }: RedisAddress): Promise<void> {
  const { state } = await Deno.permissions.query({
    name: "net",
    host: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
  });
  if (state === "granted") return;
  throw new Refusal(
    `Cannot reach Redis at ${where}: found no permission to, expected ASSAY_REDIS_NET=",${where}" in the environment of the task`,
  );
}

async function refuseOldServer({ redis, where }: RedisLink): Promise<void> {
  const info = String(await redis.call("INFO", "server"));
  const version = /redis_version:(\S+)/.exec(info)?.[1] ?? "";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0]! || major === OLDEST[0] && minor >= OLDEST[1]!) return;
  throw new Refusal(
    `Redis at ${where}: found version ${version}, expected ${OLDEST.join(".")} or newer`,
  );
}

/** Why a connection does not stand. What the library throws is not kept: it holds the password. */
function refusalOf(error: unknown, address: RedisAddress): Refusal {
  const { where, user } = address;
  const text = wordsOfRedis(error, address);
  const code = (error as { readonly code?: string }).code;
  if (code === "ECONNREFUSED" || /ECONNREFUSED|refused/.test(text)) {
    return new Refusal(
      `Cannot reach Redis at ${where}: nobody answers there, expected one ` +
        "(ASSAY_REDIS_URL, or ASSAY_REDIS_HOST and ASSAY_REDIS_PORT, say where)",
    );
  }
  if (/^NOAUTH/.test(text)) {
    return new Refusal(
      `Redis at ${where} asks for a password: found none, expected ASSAY_REDIS_PASSWORD`,
    );
  }
  if (/^(WRONGPASS|ERR invalid password)/.test(text)) {
    return new Refusal(
      `Redis at ${where} does not know ${
        user === undefined ? "this password" : `"${user}" with this password`
      }, expected the right ASSAY_REDIS_USER and ASSAY_REDIS_PASSWORD`,
    );
  }
  if (/^NOPERM/.test(text)) return new Refusal(`Redis at ${where} does not permit it: ${text}`);
  return new Refusal(`Cannot reach Redis at ${where}: ${text}`);
}

/** What an error says, without the password. */
export function wordsOfRedis(error: unknown, { password }: Partial<RedisAddress>): string {
  const message = oneLine(error instanceof Error ? error.message || error.name : String(error));
  return password ? message.replaceAll(password, "***") : message;
}

/** Whether Redis did not take something as it has no room, or no disk, for it. */
export function isFull(error: unknown): boolean {
  return error instanceof Error && /\b(OOM|MISCONF)\b/.test(error.message);
}
