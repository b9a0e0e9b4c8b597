import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { seededRandom } from "../../core/random.ts";
import {
  after,
  type Child,
  freePort,
  hasRedis,
  inRedis,
  startChild,
  type TestRedis,
} from "./test_redis.ts";
import {
  bytesOf,
  type Document,
  inMarket,
  isIntact,
  oneCross,
  PAIRS,
  type Searches,
  twoModels,
  writeMarket,
} from "./test_searches.ts";

/** Longest that a worker may be silent in these tests. */
const LOCK_MS = 1_500;

const PATIENT = { start: "2024-02-01", end: "2024-02-28", model_timeout_ms: 600_000 };

/** Enough trials in the event loop for something to happen while they run. */
const LONG: Document = {
  ...twoModels({
    method: "random",
    distributions: { fast_ma: { integer: [2, 30] }, slow_ma: { integer: [31, 120] } },
    trials: 1_000,
    optimization: { save_top_n: 2 },
  }),
  system: PATIENT,
};

const BRED: Document = {
  ...oneCross({
    method: "evolutionary",
    distributions: { fast_ma: { integer: [2, 6] }, slow_ma: { integer: [7, 60] } },
    trials: 160,
    evolution: { population: 60, generations: 4 },
    optimization: { save_top_n: 3, statistics: false },
    validation: { method: "split", train_fraction: 0.6 },
  }),
  system: PATIENT,
};

const SMALL: Document = oneCross({ parameter_grid: PAIRS, optimization: { save_top_n: 2 } });

/** A market, a Redis, and searches over it. */
interface Ground extends Searches, TestRedis {
  optimize(document: Document, options: OptimizeAsked): Promise<Child>;
  worker(options?: WorkerAsked, variables?: Readonly<Record<string, string>>): Child;
  /** Runs a search without a queue and answers with all that it leaves. */
  expected(document: Document, root?: string): Promise<unknown>;
  /** Waits for a search over the queue, which must leave the same. */
  same(child: Child, root: string, expected: unknown): Promise<string>;
}

interface OptimizeAsked {
  readonly root: string;
  readonly isLocal?: boolean;
  readonly patienceMs?: number;
  readonly variables?: Readonly<Record<string, string>>;
}

interface WorkerAsked {
  readonly workers?: number;
  readonly dataRoot?: string;
  readonly name?: string;
  readonly code?: string;
}

/** A test that is left out, and says so, where there is no Redis. */
function redisTest(
  name: string,
  action: (ground: Ground) => Promise<void>,
  options: Parameters<typeof inRedis>[2] = {},
): void {
  const why = hasRedis ? "" : " (left out: no redis-server here)";
  Deno.test(
    `${name}${why}`,
    { ignore: !hasRedis },
    () =>
      inMarket((searches) =>
        inRedis(searches.folder, async (redis) => {
          const children: Child[] = [];
          try {
            await action(groundOf(searches, redis, children));
          } finally {
            for (const child of children) child.kill("SIGKILL");
            await Promise.all(children.map(({ outcome }) => outcome));
          }
        }, options)
      ),
  );
}

function groundOf(searches: Searches, redis: TestRedis, children: Child[]): Ground {
  const { folder, dataRoot, results } = searches;
  let files = 0;
  const add = (child: Child) => {
    children.push(child);
    return child;
  };
  const optimize: Ground["optimize"] = async (document, options) => {
    const { root, isLocal = false, patienceMs = 20_000, variables = {} } = options;
    const file = `${folder}search-${++files}.yaml`;
    await writeFile(file, JSON.stringify(document));
    const sets = [`data.root=${dataRoot}`];
    const asked = { role: "optimize", file, sets, resultsRoot: results(root) } as const;
    return add(startChild({ ...asked, lockMs: LOCK_MS, patienceMs, isLocal }, {
      variables: { ...redis.variables, ...variables },
    }));
  };
  return {
    ...searches,
    ...redis,
    optimize,
    worker: (options = {}, variables = {}) =>
      add(startChild({ role: "worker", ...options }, {
        variables: { ...redis.variables, ...variables },
      })),
    async expected(document, root = "local") {
      const { code, stderr } = await (await optimize(document, { root, isLocal: true })).outcome;
      strictEqual(code, 0, stderr);
      return await bytesOf(results(root));
    },
    async same(child, root, expected) {
      const { code, stderr } = await child.outcome;
      strictEqual(code, 0, stderr);
      deepStrictEqual(await bytesOf(results(root)), expected);
      await isIntact(results(root));
      return stderr;
    },
  };
}

for (const [what, document] of Object.entries({ "in the loop": LONG, "bred, in columns": BRED })) {
  redisTest(
    `SC-008 workers over Redis give the same bytes as 1, 2 and 8 here, even when they are killed at any moment: ${what}`,
    async (ground) => {
      const { run, results, optimize, worker, same } = ground;
      const expected = await ground.expected(document);
      for (const workers of [1, 8]) {
        const root = `local-${workers}`;
        await writeFile(`${ground.folder}${root}.yaml`, JSON.stringify(document));
        await run(document, { root, workers });
        deepStrictEqual(await bytesOf(results(root)), expected);
      }
      const random = seededRandom(`workers ${what}`);
      const search = await optimize(document, { root: "queue" });
      let isOver = false;
      search.outcome.then(() => isOver = true);
      const crew = [worker(), worker({ workers: 2 })];
      await search.says(/done [1-9]/);
      for (let kills = 0; !isOver && kills < 5; kills++) {
        await after(150 + 350 * random.next());
        const place = random.integer(crew.length);
        crew[place]!.kill("SIGKILL");
        crew[place] = worker();
      }
      await same(search, "queue", expected);
    },
  );
}

redisTest(
  "SC-008 a killed coordinator is begun again and takes over what is under way",
  async (ground) => {
    const { optimize, worker, same, ask } = ground;
    const expected = await ground.expected(LONG);
    const only = worker();
    const first = await optimize(LONG, { root: "queue" });
    await first.says(/done [2-9]\d\d/);
    first.kill("SIGKILL");
    await first.outcome;
    const second = await optimize(LONG, { root: "queue" });
    await second.says(/done [1-9]/);
    second.kill("SIGTERM");
    const { code, stderr } = await second.outcome;
    deepStrictEqual([code, /error: Interrupted\n$/.test(stderr)], [1, true]);
    const third = await optimize(LONG, { root: "queue" });
    await same(third, "queue", expected);
    const begun = Number(/done (\d+)/.exec(third.said())![1]);
    ok(begun > 0, "nothing was on record");
    only.kill("SIGTERM");
    const { trials } = JSON.parse((await only.outcome).stdout);
    ok(trials < 1_500, `${trials} trials were run for 1000`);
    match(await ask("KEYS", "assay:*"), /assay:data:/);
    await after(LOCK_MS); // a mark of BullMQ's own lives that long
    strictEqual(await ask("KEYS", `assay:*:trials:*`), "");
  },
);

redisTest(
  "SC-008 a Redis that is killed and begun again on its file loses nothing",
  async (ground) => {
    const { optimize, worker, same, kill, start } = ground;
    const expected = await ground.expected(LONG);
    const crew = [worker(), worker()];
    const search = await optimize(LONG, { root: "queue" });
    for (const reached of [/done [1-9]\d\d/, /done [5-9]\d\d/]) {
      await search.says(reached);
      await kill();
      await after(700);
      await start();
    }
    const said = await same(search, "queue", expected);
    match(said, /Redis at 127\.0\.0\.1:\d+ is out of reach; waiting for it\n/);
    match(said, /Redis at 127\.0\.0\.1:\d+ is back\n/);
    ok(crew.every((one) => !/error/.test(one.said())), crew.map((one) => one.said()).join());
  },
);

redisTest(
  "SC-008 a queue that somebody left paused, or full of jobs that nobody wants, is no harm",
  async (ground) => {
    const { optimize, worker, same, ask } = ground;
    const expected = await ground.expected(SMALL);
    const first = await optimize(SMALL, { root: "queue" });
    const id = await experimentIn(ground);
    first.kill("SIGKILL");
    await first.outcome;
    await ask("HSET", `assay:${id}:trials:meta`, "paused", "1");
    await ask("RENAME", `assay:${id}:trials:wait`, `assay:${id}:trials:paused`);
    worker();
    await same(await optimize(SMALL, { root: "queue" }), "queue", expected);
  },
);

redisTest("SC-008 a Redis that forgets everything is told everything again", async (ground) => {
  const { optimize, worker, same, ask } = ground;
  const expected = await ground.expected(LONG);
  worker();
  const search = await optimize(LONG, { root: "queue" });
  await search.says(/done [1-9]\d\d/);
  await ask("FLUSHALL");
  await same(search, "queue", expected);
});

redisTest("SC-008 results that come twice and late count once", async (ground) => {
  const { optimize, worker, same, ask } = ground;
  const expected = await ground.expected(LONG);
  worker();
  const search = await optimize(LONG, { root: "queue" });
  let isOver = false;
  search.outcome.then(() => isOver = true);
  await search.says(/done [1-9]/);
  const id = (await ask("SMEMBERS", "assay:experiments")).trim();
  const repeat = `for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do
    redis.call('XADD', KEYS[1], 'NOMKSTREAM', '*', unpack(entry[2])) end return 'ok'`;
  let repeated = 0;
  for (; !isOver && repeated < 6; repeated++) {
    await ask("EVAL", repeat, "1", `assay:${id}:results`);
    await after(100);
  }
  ok(repeated > 1);
  await same(search, "queue", expected);
});

redisTest(
  "SC-008 a worker with other code or data refuses with both fingerprints, and others do the work",
  async (ground) => {
    const { optimize, worker, same, folder } = ground;
    const expected = await ground.expected(SMALL);
    await writeMarket(`${folder}other`, "b");
    const search = await optimize(SMALL, { root: "queue" });
    const odd = worker({ name: "odd", code: "0123456789abcdef0123" });
    await odd.says(
      /odd refuses tiny \([0-9a-f]{16}\): found code fingerprint 0123456789abcdef, the experiment expects [0-9a-f]{16}\n/,
    );
    const elsewhere = worker({ name: "elsewhere", dataRoot: `${folder}other` });
    await elsewhere.says(
      /elsewhere refuses tiny \([0-9a-f]{16}\): found data fingerprint [0-9a-f]{16}, the experiment expects [0-9a-f]{16}\n/,
    );
    const nowhere = worker({ name: "nowhere", dataRoot: `${folder}none` });
    await nowhere.says(/nowhere refuses tiny [^\n]+; the experiment expects data fingerprint/);
    worker({ dataRoot: ground.dataRoot });
    const said = await same(search, "queue", expected);
    match(said, /^odd refuses: found code fingerprint 0123456789abcdef, the experiment expects/m);
    match(said, /^elsewhere refuses: found data fingerprint/m);
  },
);

redisTest("SC-008 a trial's own fault is a failed trial, as here", async (ground) => {
  const document = { ...SMALL, data: { max_gap_bars: 0 } };
  const expected = await ground.expected(document);
  ground.worker();
  await ground.same(await ground.optimize(document, { root: "queue" }), "queue", expected);
});

/** Lua that writes another number of the protocol into what an experiment says of itself, or into a waiting job. */
const NEWER_NOTE = `local note = redis.call('GET', KEYS[1])
  redis.call('SET', KEYS[1], (note:gsub('"protocol":1', '"protocol":2', 1))) return 'ok'`;

redisTest(
  "SC-008 an old worker refuses an experiment and a job of a newer version",
  async (ground) => {
    const { optimize, worker, same, ask } = ground;
    const expected = await ground.expected(SMALL);
    const search = await optimize(SMALL, { root: "queue" });
    const id = await experimentIn(ground);
    await ask("EVAL", NEWER_NOTE, "1", `assay:${id}:note`);
    const old = worker({ name: "old" });
    await old.says(
      /old refuses tiny \([0-9a-f]{16}\): the experiment speaks protocol 2 of a newer version, this worker speaks 1: bring the worker up to date\n/,
    );
    old.kill("SIGTERM");
    deepStrictEqual([(await old.outcome).code, (await old.outcome).stdout], [0, '{"trials":0}\n']);
    await ask(
      "EVAL",
      NEWER_NOTE.replace("2'", "1'").replace(":1'", ":2'"),
      "1",
      `assay:${id}:note`,
    );
    for (const job of (await ask("LRANGE", `assay:${id}:trials:wait`, "0", "-1")).split("\n")) {
      const data = await ask("HGET", `assay:${id}:trials:${job}`, "data");
      const newer = data.replace('"protocol":1', '"protocol":2');
      await ask("HSET", `assay:${id}:trials:${job}`, "data", newer);
    }
    const older = worker({ name: "older" });
    await older.says(/older refuses tiny [^\n]+: job of tiny speaks protocol 2 of a newer version/);
    await search.says(/older refuses: job of tiny speaks protocol 2/);
    for (const job of (await ask("ZRANGE", `assay:${id}:trials:delayed`, "0", "-1")).split("\n")) {
      ok(job !== "", "the job went back");
    }
    await ask("FLUSHALL");
    worker({ name: "new" });
    await same(search, "queue", expected);
  },
);

async function experimentIn({ ask }: TestRedis): Promise<string> {
  for (let looks = 0; looks < 200; looks++) {
    const id = (await ask("SMEMBERS", "assay:experiments")).trim();
    if (id !== "" && await ask("LLEN", `assay:${id}:trials:wait`) !== "0") return id;
    await after(50);
  }
  throw new Error("no experiment was opened");
}

redisTest(
  "SC-008 data that come through the queue's host are what their names say, or refused",
  async (ground) => {
    const { optimize, worker, same, ask } = ground;
    const expected = await ground.expected(SMALL);
    const search = await optimize(SMALL, { root: "queue" });
    await experimentIn(ground);
    const [key] = (await ask("KEYS", "assay:data:*")).split("\n").sort();
    await ask("SETRANGE", key!, "8", "tampered");
    const deceived = worker({ name: "deceived" });
    await deceived.says(
      /deceived refuses tiny [^\n]+: data column [0-9a-f]{16}…: found [0-9a-f]{16}… on arrival/,
    );
    await ask("DEL", key!);
    const missing = worker({ name: "missing" });
    await missing.says(/data column [0-9a-f]{16}…: found no whole copy in the queue/);
    worker({ dataRoot: ground.dataRoot });
    await same(search, "queue", expected);
  },
);

redisTest("SC-008 without a Redis there is one clear line", async ({ optimize }) => {
  const variables = { ASSAY_REDIS_PORT: "1" };
  const { code, stderr } = await (await optimize(SMALL, { root: "queue", variables })).outcome;
  strictEqual(code, 1);
  match(stderr, /\nerror: Cannot reach Redis at 127\.0\.0\.1:1: nobody answers there, [^\n]+\n$/);
});

redisTest("SC-008 a wrong password and none are told in one line, without it", async (ground) => {
  const { optimize, worker, same } = ground;
  for (
    const [variables, message] of [
      [{ ASSAY_REDIS_PASSWORD: "not-this-one" }, /does not know this password, expected/],
      [
        { ASSAY_REDIS_PASSWORD: "not-this-one", ASSAY_REDIS_USER: "nobody" },
        /does not know "nobody" with this password, expected/,
      ],
      [{ ASSAY_REDIS_PASSWORD: "" }, /asks for a password: found none, expected ASSAY_REDIS_PASS/],
    ] as const
  ) {
    const { code, stderr } = await (await optimize(SMALL, { root: "queue", variables })).outcome;
    strictEqual(code, 1);
    match(stderr, message);
    ok(/\nerror: [^\n]+\n$/.test(stderr) && !/not-this-one|open sesame/.test(stderr), stderr);
  }
  const expected = await ground.expected(SMALL);
  worker();
  await same(await optimize(SMALL, { root: "queue" }), "queue", expected);
}, {
  settings: ["--requirepass", "open sesame"],
  variables: { ASSAY_REDIS_PASSWORD: "open sesame" },
});

redisTest("SC-008 a full Redis is told in one line, and nothing is lost", async (ground) => {
  const { optimize, worker, same, ask } = ground;
  const expected = await ground.expected(LONG);
  await ask("CONFIG", "SET", "maxmemory", "1mb");
  const refused = await (await optimize(LONG, { root: "queue" })).outcome;
  strictEqual(refused.code, 1);
  match(
    refused.stderr,
    /\nerror: Redis at 127\.0\.0\.1:\d+ is full: found no room for [^\n]+; finished trials are on record here/,
  );
  await ask("CONFIG", "SET", "maxmemory", "0");
  worker();
  const search = await optimize(LONG, { root: "queue" });
  await search.says(/done [1-9]\d\d/);
  await ask("CONFIG", "SET", "maxmemory", "1mb");
  await search.says(
    /Redis at 127\.0\.0\.1:\d+ is full \(maxmemory\): jobs and results wait for room\n/,
  );
  await after(1_000);
  await ask("CONFIG", "SET", "maxmemory", "0");
  await same(search, "queue", expected);
});

redisTest(
  "SC-008 a worker that is asked to stop finishes what it has begun, and the others go on",
  async (ground) => {
    const { optimize, worker, same } = ground;
    const expected = await ground.expected(LONG);
    const [leaving] = [worker({ name: "leaving" }), worker()];
    const search = await optimize(LONG, { root: "queue" });
    await search.says(/done [2-9]\d\d/);
    leaving!.kill("SIGTERM");
    const { code, stdout } = await leaving!.outcome;
    strictEqual(code, 0);
    ok(JSON.parse(stdout).trials > 0, stdout);
    await same(search, "queue", expected);
  },
);

const hasOpenssl = await new Deno.Command("openssl", {
  args: ["version"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);

redisTest(
  "SC-008 a connection by TLS trusts the certificates that it is told to, and no others",
  async (ground) => {
    if (!hasOpenssl) return console.log("left out: no openssl here to make a certificate");
    const { optimize, worker, same, folder, ask } = ground;
    const expected = await ground.expected(SMALL);
    await mkdir(`${folder}tls`);
    const [key, certificate] = [`${folder}tls/key.pem`, `${folder}tls/certificate.pem`];
    const made = await new Deno.Command("openssl", {
      args: [
        ...[
          "req",
          "-x509",
          "-newkey",
          "rsa:2048",
          "-nodes",
          "-days",
          "2",
          "-subj",
          "/CN=localhost",
        ],
        ...["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
      ],
      stderr: "null",
    }).output();
    ok(made.success);
    const port = `${freePort()}`;
    const settings = {
      "tls-cert-file": certificate,
      "tls-key-file": key,
      "tls-auth-clients": "no",
    };
    await ask("CONFIG", "SET", ...Object.entries({ ...settings, "tls-port": port }).flat());
    const variables = {
      ASSAY_REDIS_URL: `rediss://127.0.0.1:${port}`,
      ASSAY_REDIS_HOST: "",
      ASSAY_REDIS_PORT: "",
    };
    const untrusting = await (await optimize(SMALL, { root: "queue", variables })).outcome;
    strictEqual(untrusting.code, 1);
    match(
      untrusting.stderr,
      /\nerror: Cannot reach Redis at 127\.0\.0\.1:\d+: [^\n]*certificate[^\n]*\n$/i,
    );
    const trusting = { ...variables, ASSAY_REDIS_CA: certificate };
    worker({}, trusting);
    await same(await optimize(SMALL, { root: "queue", variables: trusting }), "queue", expected);
  },
);
