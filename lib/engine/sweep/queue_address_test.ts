import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { Refusal } from "../../core/errors.ts";
import { REDIS_NAMES, redisAddress } from "./queue_address.ts";
import { wordsOfRedis } from "./queue_connection.ts";

const of = (variables: Readonly<Record<string, string>>) => redisAddress((name) => variables[name]);

Deno.test("SC-008 redisAddress() is this machine's own Redis unless the environment says otherwise", () => {
  deepStrictEqual(of({}), {
    host: "127.0.0.1",
    port: 6379,
    user: undefined,
    password: undefined,
    db: 0,
    tls: false,
    caFile: undefined,
    where: "127.0.0.1:6379",
  });
});

Deno.test("SC-008 redisAddress() takes a URL, and single variables before its parts", () => {
  const address = of({
    ASSAY_REDIS_URL: "rediss://bob:p%40ss@[::1]:7000/3",
    ASSAY_REDIS_PASSWORD: "other",
    ASSAY_REDIS_CA: "/ca.pem",
  });
  deepStrictEqual(address, {
    host: "::1",
    port: 7000,
    user: "bob",
    password: "other",
    db: 3,
    tls: true,
    caFile: "/ca.pem",
    where: "[::1]:7000",
  });
  deepStrictEqual(of({ ASSAY_REDIS_URL: "redis://:p%40ss@host" }).password, "p@ss");
  deepStrictEqual(of({ ASSAY_REDIS_URL: "rediss://host", ASSAY_REDIS_TLS: "0" }).tls, false);
});

Deno.test("SC-008 redisAddress() refuses what it cannot read in one line that quotes no password", () => {
  for (
    const [variables, message] of [
      [{ ASSAY_REDIS_URL: "http://:secret@host" }, /^ASSAY_REDIS_URL: found no address of a Redis/],
      [{ ASSAY_REDIS_URL: "secret" }, /^ASSAY_REDIS_URL: found no address of a Redis/],
      [{ ASSAY_REDIS_URL: "redis://:secret%@host" }, /^ASSAY_REDIS_URL: found a name or password/],
      [{ ASSAY_REDIS_URL: "redis://:secret@host/all" }, /^ASSAY_REDIS_URL: found a path that/],
      [{ ASSAY_REDIS_PORT: "0" }, /^ASSAY_REDIS_PORT: found "0", expected a number from 1 to/],
      [{ ASSAY_REDIS_TLS: "yes" }, /^ASSAY_REDIS_TLS: found "yes", expected 1 or 0/],
    ] as const
  ) {
    throws(() => of(variables), (error: Refusal) => {
      ok(error instanceof Refusal && message.test(error.message), error.message);
      ok(!/secret|\n/.test(error.message), error.message);
      return true;
    });
  }
});

Deno.test("SC-008 what Redis says is told without the password", () => {
  const error = new Error("AUTH open sesame\nis wrong");
  deepStrictEqual(wordsOfRedis(error, { password: "open sesame" }), "AUTH *** is wrong");
  deepStrictEqual(REDIS_NAMES.filter((name) => !name.startsWith("ASSAY_REDIS_")), []);
});
