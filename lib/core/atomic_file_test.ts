import { deepStrictEqual, rejects } from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Disk, localDisk, writeFileAtomically } from "./atomic_file.ts";
import { inTestFolder } from "./test_folder.ts";

const text = (value: string) => new TextEncoder().encode(value);

Deno.test("FR-008 an atomic write makes the folder, replaces the file and leaves nothing else", () =>
  inTestFolder(async (folder) => {
    const file = join(folder, "deep", "bars.parquet");
    await writeFileAtomically(file, text("old"));
    await writeFileAtomically(file, text("new and longer"));
    deepStrictEqual(await readFile(file, "utf8"), "new and longer");
    deepStrictEqual(await readdir(join(folder, "deep")), ["bars.parquet"]);
  }));

Deno.test("FR-008 writers of the same file at the same moment leave one whole file", () =>
  inTestFolder(async (folder) => {
    const file = join(folder, "bars.parquet");
    const versions = ["a", "b", "c", "d"].map((letter) => letter.repeat(100_000));
    await Promise.all(versions.map((version) => writeFileAtomically(file, text(version))));
    deepStrictEqual(versions.includes(await readFile(file, "utf8")), true);
    deepStrictEqual(await readdir(folder), ["bars.parquet"]);
  }));

for (const step of ["makeFolder", "writeSynced", "rename"] as const) {
  Deno.test(`FR-008 when ${step} fails, the old file stays, no part is left and the reason is told`, () =>
    inTestFolder(async (folder) => {
      const file = join(folder, "bars.parquet");
      await writeFileAtomically(file, text("old"));
      const full: Disk = {
        ...localDisk,
        async writeSynced(path, bytes) {
          await localDisk.writeSynced(path, bytes.subarray(0, 1)); // a part is on the disk when it fails
          if (step === "writeSynced") throw new Error("No space left on device");
        },
        ...(step === "writeSynced"
          ? {}
          : { [step]: () => Promise.reject(new Error("No space left on device")) }),
      };
      await rejects(writeFileAtomically(file, text("new"), full), {
        name: "Refusal",
        message: `Cannot write ${file}: No space left on device`,
      });
      deepStrictEqual(await readFile(file, "utf8"), "old");
      deepStrictEqual(await readdir(folder), ["bars.parquet"]);
    }));
}

Deno.test("FR-008 bytes are synced before the rename, and the folder after it", async () => {
  const steps: string[] = [];
  const recorder: Disk = {
    makeFolder: () => Promise.resolve(void steps.push("makeFolder")),
    writeSynced: () => Promise.resolve(void steps.push("writeSynced")),
    rename: () => Promise.resolve(void steps.push("rename")),
    syncFolder: () => Promise.resolve(void steps.push("syncFolder")),
    remove: () => Promise.resolve(void steps.push("remove")),
  };
  await writeFileAtomically("folder/file", text("x"), recorder);
  deepStrictEqual(steps, ["makeFolder", "writeSynced", "rename", "syncFolder"]);
});
