import { Refusal } from "../../core/errors.ts";

/** Names of the variables that say where the queue's Redis is and who may use it. */
export const REDIS_NAMES = [
  "ASSAY_REDIS_URL",
  "ASSAY_REDIS_HOST",
  "ASSAY_REDIS_PORT",
  "ASSAY_REDIS_USER",
  "ASSAY_REDIS_PASSWORD",
  "ASSAY_REDIS_TLS",
  "ASSAY_REDIS_CA",
] as const;

/** The value of a variable, undefined where it is not set. */
export type Variables = (name: typeof REDIS_NAMES[number]) => string | undefined;

/** Where a Redis is and who may use it. The password is for nobody's eyes: `where` is what may be printed. */
export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  readonly tls: boolean;
  /** File of certificates to be trusted beside the usual ones. */
  readonly caFile: string | undefined;
  /** `host:port`. */
  readonly where: string;
}

const PORT = 6379;

/**
 * The address that the environment names: `ASSAY_REDIS_URL` (`redis://user:password@host:port/db`, `rediss:` for TLS), or its
 * parts one by one, which come before those of the URL; 127.0.0.1:6379 when there are none. Refusals never quote the URL.
 */
export function redisAddress(variable: Variables): RedisAddress {
  const of = (name: typeof REDIS_NAMES[number]) => variable(name) || undefined;
  const url = urlOf(of("ASSAY_REDIS_URL"));
  const host = of("ASSAY_REDIS_HOST") ?? (url && hostOf(url)) ?? "127.0.0.1";
  const port = portOf(of("ASSAY_REDIS_PORT") ?? (url?.port || undefined));
  return {
    host,
    port,
    user: of("ASSAY_REDIS_USER") ?? decoded(url?.username),
    password: of("ASSAY_REDIS_PASSWORD") ?? decoded(url?.password),
    db: databaseOf(url),
    tls: tlsOf(of("ASSAY_REDIS_TLS")) ?? url?.protocol === "rediss:",
    caFile: of("ASSAY_REDIS_CA"),
    where: `${host.includes(":") ? `[${host}]` : host}:${port}`,
  };
}

function urlOf(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^rediss?:$/.test(url.protocol) && url.hostname !== "") return url;
  throw new Refusal(
    "ASSAY_REDIS_URL: found no address of a Redis, expected redis://user:password@host:port or rediss://…",
  );
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

function decoded(part: string | undefined): string | undefined {
  if (!part) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(
      "ASSAY_REDIS_URL: found a name or password with a broken %-sequence, expected %25 for %",
    );
  }
}

function portOf(text: string | undefined): number {
  const port = Number(text ?? PORT);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Refusal(`ASSAY_REDIS_PORT: found "${text}", expected a number from 1 to 65535`);
}

function databaseOf(url: URL | undefined): number {
  const path = url?.pathname.replace(/^\//, "") ?? "";
  if (/^\d{0,4}$/.test(path)) return Number(path);
  throw new Refusal("ASSAY_REDIS_URL: found a path that is no number of a database, expected /0");
}

function tlsOf(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  if (text === "1" || text === "true") return true;
  if (text === "0" || text === "false") return false;
  throw new Refusal(`ASSAY_REDIS_TLS: found "${text}", expected 1 or 0`);
}
