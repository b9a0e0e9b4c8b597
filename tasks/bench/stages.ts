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
const { cardParts } = await import("../../lib/app/card_parts.ts");
const { loadPlan } = await import("../../lib/app/load_plan.ts");
const { loadData } = await import("../../lib/app/load_data.ts");
const { codeFingerprint } = await import("../../lib/app/code_fingerprint.ts");
const { runIdOf } = await import("../../lib/app/run_id.ts");
const { familyOf } = await import("../../lib/app/family.ts");
const { databaseFile } = await import("../../lib/app/trial.ts");
const { localDisk } = await import("../../lib/core/atomic_file.ts");
const { openSandbox } = await import("../../lib/engine/sandbox.ts");
const { deriveBenchmarks, deriveRun, envelopeOf, luckOf, openDatabase, runStore, trialResult } =
  await import("../../lib/results/mod.ts");
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
const trial = database.beginTrial(id, { startedAt: systemClock.now(), ...familyOf(loaded.plan) });
done("database");
const request = {
  plan: loaded.plan,
  data: data.assets,
  regimes: data.regimes.data,
  benchmarks: true,
};
const watch = { clock: systemClock, timeoutMs: loaded.config.system.model_timeout_ms };
const wanted = { certificate: true, envelope: true };
const bare = await sandbox.runForProof(request, wanted, watch);
done("sandbox");
const derived = deriveRun(bare.record);
done("derive");
luckOf(bare.record, derived, { seed: loaded.plan.seed });
done("luck");
const record = { ...bare.record, benchmarks: await bare.benchmarks };
const whole = { ...derived, benchmarks: deriveBenchmarks(record) };
done("benchmarks");
const parts = cardParts({ loaded, data, code });
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
const saved = await runStore(folder, { disk }).save(id, { record, derived: whole, parts });
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
  dataRoot: "data",
  models: loaded.plan.models,
});
database.finishTrial(trial, {
  status: "finished",
  finishedAt: createdAt,
  result: trialResult(record, whole),
});
database.close();
done("database");
const { envelope = [] } = await bare.proofs;
envelopeOf(record, envelope);
sandbox.close();
done("certificate");
console.log(JSON.stringify({ taken, endedAt: systemClock.now() }));
Deno.exit(0);
