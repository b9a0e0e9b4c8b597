import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { Refusal } from "../core/errors.ts";
import { type LifecycleDraft, type Stage, stageAfter } from "../core/lifecycle.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { openDatabase } from "./database.ts";
import type { LifecycleRecord } from "./lifecycle.ts";

function draft(
  day: number,
  kind: LifecycleDraft["kind"],
  [model, from_stage, to_stage]: readonly [string, Stage, Stage],
): LifecycleDraft {
  const at = `2025-01-${String(day).padStart(2, "0")}T12:00:00.000Z`;
  return {
    ...{ at, model, kind, from_stage, to_stage },
    ...{ operator: "ada", reason: `because of ${day}`, details: { file: "models.yaml" } },
  };
}

const DRAFTS = [
  draft(1, "approved", ["A_v1", "research", "candidate"]),
  draft(1, "promoted", ["A_v1", "research", "candidate"]),
  draft(2, "promoted", ["B_v1", "research", "candidate"]),
  draft(3, "promoted", ["A_v1", "candidate", "paper"]),
  draft(5, "demoted", ["A_v1", "paper", "research"]),
];

async function inRecord(
  work: (record: LifecycleRecord, folder: string) => void | Promise<void>,
): Promise<void> {
  await inTestFolder(async (folder) => {
    await opened(folder, async (record) => {
      record.append(DRAFTS.slice(0, 3));
      for (const one of DRAFTS.slice(3)) record.append([one]);
      deepStrictEqual(record.check(), []);
      await work(record, folder);
    });
  });
}

async function opened(
  folder: string,
  work: (record: LifecycleRecord) => void | Promise<void>,
): Promise<void> {
  const database = await openDatabase(`${folder}assay.db`);
  try {
    await work(database.lifecycle(`${folder}logs/events.jsonl`));
  } finally {
    database.close();
  }
}

const says = (record: LifecycleRecord) => record.check().map(({ message }) => message);

Deno.test("FR-022 events are numbered, chained, read back and logged with time, operator and reason", () =>
  inRecord(async (record, folder) => {
    const events = record.events();
    deepStrictEqual(events.map(({ seq }) => seq), [1, 2, 3, 4, 5]);
    deepStrictEqual(events.map(({ prev_hash }) => prev_hash), [
      "",
      ...events.slice(0, 4).map(({ hash }) => hash),
    ]);
    const lines = (await readFile(`${folder}logs/events.jsonl`, "utf8")).trimEnd().split("\n");
    deepStrictEqual(lines.map((line) => JSON.parse(line)), events);
    const { at, operator, reason } = JSON.parse(lines[4]!);
    deepStrictEqual([at, operator, reason], ["2025-01-05T12:00:00.000Z", "ada", "because of 5"]);
    deepStrictEqual([...record.stages()], [["A_v1", "research"], ["B_v1", "candidate"]]);
  }));

Deno.test("FR-019 the events alone say where a model stood at any time", () =>
  inRecord((record) => {
    const events = record.events();
    const at = (model: string, time: string) => stageAfter(events, model, time);
    strictEqual(at("A_v1", "2025-01-01T11:59:59.999Z"), "research");
    strictEqual(at("A_v1", "2025-01-01T12:00:00.000Z"), "candidate");
    strictEqual(at("A_v1", "2025-01-04T00:00:00.000Z"), "paper");
    strictEqual(stageAfter(events, "A_v1"), "research");
    strictEqual(at("B_v1", "2025-01-04T00:00:00.000Z"), "candidate");
    strictEqual(stageAfter(events, "C_v1"), "research");
  }));

Deno.test("FR-019 what was decided on an older history is refused, whole", () =>
  inRecord((record) => {
    const next = [draft(6, "promoted", ["B_v1", "candidate", "paper"])];
    throws(
      () => record.append(next, { after: 4 }),
      (error) => error instanceof Refusal && /Somebody else .* found event 5/.test(error.message),
    );
    strictEqual(record.events().length, 5);
    record.append(next, { after: 5 });
    strictEqual(record.stages().get("B_v1"), "paper");
  }));

Deno.test("FR-022 no column of any event can be changed unseen, and the log mends it", () =>
  inRecord((record, folder) => {
    const file = `${folder}assay.db`;
    const sound = record.events();
    const columns = Object.keys(sound[0]!).filter((name) => name !== "seq");
    for (const { seq } of sound) {
      for (const column of columns) {
        const raw = new DatabaseSync(file);
        raw.prepare(`UPDATE lifecycle SET "${column}" = "${column}" || ' ' WHERE seq = ?`).run(seq);
        raw.close();
        match(says(record)[0]!, new RegExp(`event ${seq}`), `${seq} ${column}`);
        ok(record.mend().length > 0);
        deepStrictEqual([record.check(), record.events()], [[], sound]);
      }
    }
  }));

const CHANGES: Readonly<Record<string, readonly [sql: string, fault: RegExp]>> = {
  "an event cut out": [
    "DELETE FROM lifecycle WHERE seq = 2",
    /follows entry 1: entry 2 is missing/,
  ],
  "the newest cut off": [
    "DELETE FROM lifecycle WHERE seq = 5",
    /says that event 5 was written: it is gone, the newest is \d/,
  ],
  "all deleted": ["DELETE FROM lifecycle", /the newest is none/],
  "a stage edited": [
    "UPDATE model_stages SET stage = 'live' WHERE model = 'A_v1'",
    /^model_stages says live of A_v1, its events say research$/,
  ],
  "a stage removed": ["DELETE FROM model_stages WHERE model = 'B_v1'", /says nothing of B_v1/],
  "a stage invented": ["INSERT INTO model_stages VALUES ('C_v1', 'live', '', 1)", /nothing$/],
};

for (const [what, [sql, fault]] of Object.entries(CHANGES)) {
  Deno.test(`FR-019 the check tells and mending takes back: ${what}`, () =>
    inRecord((record, folder) => {
      const sound = record.events();
      const raw = new DatabaseSync(`${folder}assay.db`);
      raw.exec(sql);
      raw.close();
      match(says(record)[0]!, fault);
      record.mend();
      deepStrictEqual([record.check(), record.events()], [[], sound]);
      deepStrictEqual([...record.stages()], [["A_v1", "research"], ["B_v1", "candidate"]]);
    }));
}

Deno.test("FR-022 a log that lacks lines or says something else is told and written anew", () =>
  inRecord(async (record, folder) => {
    const log = `${folder}logs/events.jsonl`;
    const sound = await readFile(log, "utf8");
    const lines = sound.split("\n");
    const damages: readonly (readonly [string, RegExp])[] = [
      [lines.slice(0, 3).join("\n") + "\n", /^events.jsonl: found 3 events, expected 5$/],
      [sound.replace("because of 3", "because of 4"), /line 4 is not event 4/],
      [sound.slice(0, -40), /line 5 is not event 5/],
      [`${sound}{}\n`, /line 6 is an event that is not on record/],
    ];
    for (const [text, fault] of damages) {
      await writeFile(log, text);
      match(says(record)[0]!, fault);
      record.mend();
      strictEqual(await readFile(log, "utf8"), sound);
    }
    await rm(log);
    // A new event brings the lost ones along.
    record.append([draft(7, "promoted", ["B_v1", "candidate", "paper"])]);
    deepStrictEqual(record.check(), []);
  }));

Deno.test("FR-022 a head that is gone stays gone and is told, so that nobody takes events away together with it", () =>
  inRecord(async (record, folder) => {
    const head = `${folder}lifecycle.head`;
    await rm(head);
    record.append([draft(6, "promoted", ["B_v1", "candidate", "paper"])]);
    deepStrictEqual(says(record), ["lifecycle.head is missing, expected event 6 or one before"]);
    await writeFile(head, "?");
    deepStrictEqual(says(record), ["lifecycle.head cannot be read"]);
    record.mend();
    deepStrictEqual(record.check(), []);
  }));

Deno.test("FR-022 a database and a log that are both damaged cannot be mended, which is said in one line", () =>
  inRecord(async (record, folder) => {
    const raw = new DatabaseSync(`${folder}assay.db`);
    raw.exec("UPDATE lifecycle SET operator = 'eve' WHERE seq = 1");
    raw.close();
    await writeFile(`${folder}logs/events.jsonl`, "{}\n");
    throws(
      () => record.mend(),
      (error) =>
        error instanceof Refusal && /cannot be mended: .*event 1 was changed/.test(error.message),
    );
    // A demotion is possible all the same.
    record.append([draft(8, "demoted", ["B_v1", "candidate", "research"])]);
    strictEqual(record.stages().get("B_v1"), "research");
  }));

Deno.test("FR-022 a database taken back to an earlier day is brought forward from the log", () =>
  inTestFolder(async (folder) => {
    await opened(folder, (record) => void record.append(DRAFTS.slice(0, 2)));
    await copyFile(`${folder}assay.db`, `${folder}old.db`);
    await opened(folder, (record) => void record.append(DRAFTS.slice(2)));
    await copyFile(`${folder}old.db`, `${folder}assay.db`);
    await opened(folder, (record) => {
      match(says(record)[0]!, /says that event 5 was written: it is gone, the newest is \d/);
      record.mend();
      deepStrictEqual([record.events().length, record.check()], [5, []]);
    });
  }));
