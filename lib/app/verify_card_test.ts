import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seededRandom } from "../core/random.ts";
import { sha256 } from "../core/hash.ts";
import { found, withRun } from "./verify_test_market.ts";

type Card = Record<string, unknown>;

/** The card written again after one part of it was changed. */
function rewritten(change: (card: Card) => void): (text: string) => string {
  return (text) => {
    const card = JSON.parse(text) as Card;
    change(card);
    return `${JSON.stringify(card, null, 2)}\n`;
  };
}

/** Sets what stands at a key path; a slash inside a key is written as a backslash. */
function set(path: string, change: (value: never) => unknown): (text: string) => string {
  return rewritten((card) => {
    const keys = path.split("/").map((key) => key.replaceAll("\\", "/"));
    const last = keys.pop()!;
    const holder = keys.reduce((part, key) => part[key] as Card, card);
    ok(last in holder, path);
    holder[last] = change(holder[last] as never);
  });
}

const oddDigit = (hash: string) => `${hash.slice(0, -1)}${hash.endsWith("0") ? 1 : 0}`;
const nextNumber = (value: number) => value + Math.max(Math.abs(value) * 2 ** -52, 2 ** -1074);

/** By what was done to the card: the new text, and what the first line says. */
const MUTATIONS: Readonly<
  Record<string, readonly [change: (text: string) => string, message: RegExp]>
> = {
  "a plan's parameter": [
    set("plan/models/0/parameters/slow_ma", () => 9),
    /plan_hash: found .*follows from/,
  ],
  "the plan's start": [set("plan/start", () => "2024-02-02"), /plan_hash/],
  "the plan's end": [set("plan/end", () => "2024-02-16"), /plan_hash/],
  "the plan's seed": [set("plan/seed", () => 2), /plan_hash/],
  "a cap": [set("plan/risk/per_asset_cap", nextNumber), /plan_hash/],
  "a date that is none": [
    set("plan/start", () => "2024-02-31"),
    /plan\.start: found "2024-02-31", expected a date/,
  ],
  "a key more in the plan": [
    rewritten((card) => (card.plan as Card).luck = 1),
    /plan\.luck: found 1, expected no such key/,
  ],
  "the plan and its hash": [
    (text) => {
      const changed = set("plan/initial_nav", () => 1)(text);
      return changed.replace(/"plan_hash": "[^"]+"/, `"plan_hash": "${sha256("other")}"`);
    },
    /plan_hash/,
  ],
  "the seed": [set("seed", () => 2), /^run\.json: seed: found 2, expected 1, which follows/],
  "the hash of the plan": [set("plan_hash", oddDigit), /plan_hash/],
  "the run's id": [set("run_id", oddDigit), /run_id: found/],
  "the data's fingerprint": [set("data/fingerprint", oddDigit), /data\.fingerprint/],
  "the hash of a data file": [set("data/files/0/hash", oddDigit), /data\.fingerprint/],
  "a leaf": [
    set("data/files/0/leaves/close", oddDigit),
    /data\.files\.0\.leaves\.close: found "[0-9a-f]{16}", expected/,
  ],
  "the rows of a data file": [set("data/files/0/rows", nextNumber), /rows/],
  "a whole row more": [
    set("data/files/0/rows", (rows: number) => rows + 1),
    /data\.files\.0\.rows/,
  ],
  "a dividend": [set("data/adjustments/1/actions/0", () => "2024-02-09 dividend 2"), /fingerprint/],
  "a series": [set("data/regimes/files/2/hash", oddDigit), /data\.fingerprint/],
  "when a series was last known": [
    set("data/regimes/files/2/last", () => "2024-02-06T00:00:00Z"),
    /data\.regimes\.files\.2\.last/,
  ],
  "the code's fingerprint": [set("code/fingerprint", oddDigit), /are those of run [0-9a-f]{16}/],
  "the writers' fingerprint": [set("code/artefacts", oddDigit), /are those of run/],
  "the hash of a module": [
    set("code/modules/lib\\core\\math.ts", oddDigit),
    /code\.modules\.lib\/core\/math\.ts: found/,
  ],
  "the number of modules": [set("code/files", nextNumber), /code\.files/],
  "a package": [set("code/packages/0", () => "other@1.0.0"), /code\.packages\.0/],
  "sealed": [set("sealed", () => false), /sealed: found false, expected true/],
  "a warning": [set("warnings", () => ["all is well"]), /warnings/],
  "a statistic in its last digit": [
    set("statistics/portfolio/sharpe", nextNumber),
    /statistics\.portfolio\.sharpe: found [-.0-9]+, expected [-.0-9]+/,
  ],
  "a statistic that is gone": [
    rewritten((card) => delete ((card.statistics as Card).portfolio as Card).cagr),
    /statistics\.portfolio\.cagr: found nothing, expected /,
  ],
  "coverage": [set("coverage/0/bars_at_join", () => 99), /coverage\.0\.bars_at_join: found 99/],
  "a key more": [
    rewritten((card) => card.reviewed = true),
    /reviewed: found true, expected nothing/,
  ],
  "an artefact's hash": [set("artefacts/nav.parquet", oddDigit), /artefacts\.nav\.parquet/],
  "an artefact out of the folder": [
    rewritten((card) => (card.artefacts as Card)["../x.log"] = sha256("")),
    /artefacts: found "\.\.\/x\.log", expected the name of a run's file/,
  ],
  "a blank more": [(text) => text.replace('"seed": ', '"seed":  '), /line \d+ is not written as/],
  "no last line end": [(text) => text.trimEnd(), /line [1-9]\d+ is not written as/],
  "a key that is there twice": [
    (text) => text.replace('  "seed"', '  "seed": 7,\n  "seed"'),
    /line \d+ is not written as/,
  ],
  "a number written otherwise": [(text) => text.replace('"seed": 1', '"seed": 1.0'), /line \d+/],
  "an order of keys": [
    rewritten((card) => {
      const { seed, ...rest } = card;
      for (const key of Object.keys(card)) delete card[key];
      Object.assign(card, { seed, ...rest });
    }),
    /line 2: the keys stand in another order/,
  ],
  "nothing left": [() => "", /broken JSON/],
  "half of it": [(text) => text.slice(0, text.length / 2), /broken JSON/],
  "a list": [() => "[]\n", /the document/],
  "a byte order mark": [(text) => `\uFEFF${text}`, /broken JSON/],
};

Deno.test("SC-008 each change of a card is found, and told by key path or line", async () => {
  await withRun(async ({ verify }) => {
    for (const [what, [change, message]] of Object.entries(MUTATIONS)) {
      const verification = await verify(async (folder) => {
        const file = join(folder, "run.json");
        const text = await readFile(file, "utf8");
        const changed = change(text);
        ok(changed !== text, what);
        await writeFile(file, changed);
      });
      found(verification, "card", what);
      const [first] = verification.findings;
      match(first!.message, message, what);
      match(first!.message, /^run\.json: /, what);
      strictEqual(first!.file, "run.json");
    }
  });
});

Deno.test("SC-008 a run from before cards could be verified is told to be one", async () => {
  await withRun(async ({ verify }) => {
    const old = rewritten(({ code, data }) => {
      for (const key of ["artefacts", "modules"]) delete (code as Card)[key];
      for (const key of ["adjustments", "regimes"]) delete (data as Card)[key];
    });
    const verification = await verify(async (folder) => {
      const file = join(folder, "run.json");
      await writeFile(file, old(await readFile(file, "utf8")));
    });
    found(verification, "code", "old");
    match(verification.findings[0]!.message, /^the run was made by code that did not yet keep/);
  });
});

Deno.test("SC-008 a missing card is found", async () => {
  await withRun(async ({ verify }) => {
    const verification = await verify((folder) => rm(join(folder, "run.json")));
    found(verification, "card", "missing");
    deepStrictEqual(verification.findings.map(({ message }) => message), [
      "run.json: the file is missing",
    ]);
  });
});

Deno.test("SC-008 any flipped bit of a card is found", async () => {
  await withRun(async ({ run, verify }) => {
    const random = seededRandom("card");
    const { length } = await readFile(join(run.folder, "run.json"));
    for (let flip = 0; flip < 60; flip++) {
      const [byte, bit] = [random.integer(length), random.integer(8)];
      const { verdict, findings } = await verify(async (folder) => {
        const file = join(folder, "run.json");
        const bytes = await readFile(file);
        bytes[byte]! ^= 1 << bit;
        await writeFile(file, bytes);
      });
      const what = `bit ${bit} of byte ${byte}: ${JSON.stringify(findings)}`;
      strictEqual(verdict, "different", what);
      ok(findings.some(({ kind }) => kind === "card"), what);
    }
  });
});
