import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
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
    for (const other of [{ card: "d".repeat(64) }, { made_by: "n".repeat(64) }]) {
      deepStrictEqual(await store.read({ ...binding, ...other }), { proofs: {}, damaged: [] });
    }
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
    for (const changed of [text.replace("failed", "passed"), text.slice(0, -9), "", "null", "{}"]) {
      await writeFile(file, changed);
      deepStrictEqual(await store.read(binding), { proofs: {}, damaged: [file] });
    }
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
