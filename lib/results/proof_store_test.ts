import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Disk } from "../core/atomic_file.ts";
import { localDisk } from "../core/atomic_file.ts";
import type { Certificate, Envelope } from "../core/proofs.ts";
import { inTestFolder } from "../core/test_folder.ts";
import { proofStore } from "./proof_store.ts";

const binding = { run_id: "0123456789abcdef", card: "c".repeat(64), made_by: "m".repeat(64) };
const certificate: Certificate = {
  verdict: "passed",
  seed: 1,
  checkpoints: [],
  feature_cuts: 3,
  compared: { feature_values: 1, regime_values: 2, decisions: 3, orders: 4, fills: 5 },
  findings: [],
};
const envelope: Envelope = { members: [], headline: "one line" };

Deno.test("SC-002 a proof is found again beside its run, each kind by itself", async () => {
  await inTestFolder(async (root) => {
    const store = proofStore(root);
    deepStrictEqual(await store.read(binding), { proofs: {}, damaged: [] });
    await store.write(binding, { certificate });
    deepStrictEqual((await store.read(binding)).proofs, { certificate });
    await store.write(binding, { envelope });
    deepStrictEqual((await store.read(binding)).proofs, { certificate, envelope });
  });
});

Deno.test("SC-002 a proof of other bytes, another run or other code proves nothing", async () => {
  await inTestFolder(async (root) => {
    const store = proofStore(root);
    await store.write(binding, { certificate });
    const otherCode = { ...binding, made_by: "n".repeat(64) };
    deepStrictEqual(await store.read(otherCode), { proofs: {}, damaged: [] });
    // Of other bytes: whoever put it there, it is none of this run's.
    const otherCard = { ...binding, card: "d".repeat(64) };
    deepStrictEqual(await store.read(otherCard), { proofs: {}, damaged: ["certificate"] });
    const otherRun = { ...binding, run_id: "f".repeat(16) };
    await cp(join(root, "proofs", binding.run_id), join(root, "proofs", otherRun.run_id), {
      recursive: true,
    });
    deepStrictEqual(await store.read(otherRun), { proofs: {}, damaged: ["certificate"] });
    const { made_by: _, ...anyCode } = binding;
    deepStrictEqual((await store.read(anyCode)).proofs, { certificate });
  });
});

Deno.test("SC-002 a proof in which anything was changed is damaged, whatever it says", async () => {
  await inTestFolder(async (root) => {
    const store = proofStore(root);
    await store.write(binding, { certificate: { ...certificate, verdict: "failed" } });
    const file = join(root, "proofs", binding.run_id, "certificate.json");
    const text = await readFile(file, "utf8");
    const changes = [
      text.replace("failed", "passed"),
      ...[text.slice(0, -9), `${text}\n`, `\uFEFF${text}`, text.replace(": ", ":  ")],
      text.replace("{", '{ "more": 1,'),
      ...["", "null", "{}"],
    ];
    for (const changed of changes) {
      await writeFile(file, changed);
      deepStrictEqual(await store.read(binding), { proofs: {}, damaged: ["certificate"] });
    }
    await rm(file);
    await mkdir(file);
    deepStrictEqual(await store.read(binding), { proofs: {}, damaged: ["certificate"] });
  });
});

Deno.test("SC-002 what lies among the proofs of a run is told as it is: whose it is, changed, or no proof", async () => {
  await inTestFolder(async (root) => {
    const store = proofStore(root);
    deepStrictEqual(await store.examine(binding.run_id), { files: [], strangers: [] });
    await store.write(binding, { certificate, envelope });
    const folder = join(root, "proofs", binding.run_id);
    await writeFile(join(folder, "luck.json"), "{}");
    await writeFile(join(folder, "notes.txt"), "");
    await writeFile(join(folder, ".luck.json.77-1.tmp"), "");
    deepStrictEqual(await store.examine(binding.run_id), {
      files: [
        { name: "certificate", written: { ...binding, proof: certificate } },
        { name: "envelope", written: { ...binding, proof: envelope } },
        { name: "luck" },
      ],
      strangers: ["notes.txt"],
    });
  });
});

Deno.test("FR-060 a proof that the disk refuses leaves the one before and no part of a file", async () => {
  await inTestFolder(async (root) => {
    await proofStore(root).write(binding, { certificate });
    const disk: Disk = { ...localDisk, writeSynced: () => Promise.reject(new Error("disk full")) };
    const broken = proofStore(root, { disk }).write(binding, { certificate, envelope });
    await rejects(broken, { name: "Refusal", message: /(certificate|envelope)\.json: disk full$/ });
    deepStrictEqual((await proofStore(root).read(binding)).proofs, { certificate });
    const names = await readdir(join(root, "proofs", binding.run_id));
    strictEqual(names.join(), "certificate.json");
  });
});
