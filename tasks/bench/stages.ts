import { systemClock } from "../../lib/core/clock.ts";
import type { Stage } from "./lines.ts";

// deno run tasks/bench/stages.ts FOLDER BEGUN: does what tasks/backtest.ts does for the base configuration, one step
// after the other, with results under FOLDER, and prints how long each took as JSON. BEGUN is when the process was
// started, in milliseconds since 1970; the end of the process is the caller's to add, from `endedAt`.

const [folder = "", begun = ""] = Deno.args;
const taken: Partial<Record<Stage, number>> = { runtime: systemClock.now() - Number(begun) };
let last = systemClock.elapsed();
const done = (stage: Stage) => {
  const now = systemClock.elapsed();
  taken[stage] = (taken[stage] ?? 0) + now - last;
  last = now;
};

// Imported here rather than above, so that it can be seen what it costs.
await import("../shared.ts");
const { loadPlan } = await import("../../lib/app/load_plan.ts");
const { loadData } = await import("../../lib/app/load_data.ts");
const { codeFingerprint } = await import("../../lib/app/code_fingerprint.ts");
const { runIdOf } = await import("../../lib/app/run_id.ts");
const { databaseFile } = await import("../../lib/app/trial.ts");
const { localDisk } = await import("../../lib/core/atomic_file.ts");
const { sha256 } = await import("../../lib/core/hash.ts");
const { planText } = await import("../../lib/engine/plan.ts");
const { openSandbox } = await import("../../lib/engine/sandbox.ts");
const { deriveRun, openDatabase, runStore } = await import("../../lib/results/mod.ts");
done("imports");

const loaded = await loadPlan([]);
done("configuration");
const sandbox = openSandbox();
const data = await loadData(loaded);
done("data");
const code = await codeFingerprint();
done("code");

const id = runIdOf(loaded, data, code);
const database = await openDatabase(databaseFile(folder));
const trial = database.beginTrial(id, { startedAt: systemClock.now(), experiment: null });
done("database");
const request = {
  plan: loaded.plan,
  data: data.assets,
  regimes: data.regimes.data,
  benchmarks: true,
};
const record = await sandbox.run(request, {
  clock: systemClock,
  timeoutMs: loaded.config.system.model_timeout_ms,
});
done("sandbox");
const derived = deriveRun(record);
done("derive");

const text = planText(loaded.plan);
const parts = {
  plan: JSON.parse(text),
  plan_hash: sha256(text),
  data: { fingerprint: data.fingerprint, files: data.files },
  code: {
    fingerprint: code.fingerprint,
    files: Object.keys(code.modules).length,
    deno: code.deno,
    packages: code.packages,
  },
  seed: loaded.plan.seed,
  sealed: loaded.sealed,
  warnings: [],
};
let encoded = false;
const disk = {
  ...localDisk,
  writeSynced(file: string, bytes: Uint8Array) {
    // The first file is written when all of them are bytes.
    if (!encoded) done("encode");
    encoded = true;
    return localDisk.writeSynced(file, bytes);
  },
};
const saved = await runStore(folder, { disk }).save(id, { record, derived, parts });
done("write");
const createdAt = systemClock.now();
database.recordRun({
  card: saved.card,
  folder: saved.folder,
  name: "backtest",
  experiment: null,
  createdAt,
  durationMs: systemClock.elapsed(),
  host: "",
  models: loaded.plan.models,
});
database.finishTrial(trial, { status: "finished", finishedAt: createdAt });
database.close();
sandbox.close();
done("database");
console.log(JSON.stringify({ taken, endedAt: systemClock.now() }));
Deno.exit(0);
