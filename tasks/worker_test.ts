import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { mkdir, rm } from "node:fs/promises";
import { hashesOf, outcomeOf, type TestProject, testProject } from "./test_project.ts";

const hasRedis = await new Deno.Command("redis-server", {
  args: ["--version"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);
const left = hasRedis ? "" : " (left out: no redis-server here)";

let project: TestProject;

Deno.test.beforeAll(async () => {
  project = await testProject();
});

Deno.test.afterAll(async () => await project.remove());

Deno.test("SC-008 worker and optimize refuse what they cannot use in one line", async () => {
  for (
    const [task, args, env, code, message] of [
      ["worker", ["now"], {}, 2, /found "now", expected flags only; usage: deno task worker/],
      ["worker", ["--workers", "0"], {}, 2, /--workers: found "0", expected a whole number/],
      ["worker", ["--name", "a b"], {}, 2, /--name: found "a b", expected up to 60 letters/],
      ["worker", [], { ASSAY_REDIS_PORT: "1" }, 1, /Cannot reach Redis at 127\.0\.0\.1:1: nobody/],
      ["worker", [], { ASSAY_REDIS_URL: "redis://:secret@elsewhere" }, 1, /found no permission to/],
      ["optimize", ["workers"], { ASSAY_REDIS_PORT: "1" }, 1, /Cannot reach Redis/],
      ["optimize", ["run", "x.yaml", "--executor", "spark"], {}, 2, /expected local or redis/],
    ] as const
  ) {
    const outcome = await project.run(task, args, env);
    deepStrictEqual([outcome.code, outcome.stdout], [code, ""]);
    match(outcome.stderr, /^error: [^\n]+\n$/);
    match(outcome.stderr, message);
    ok(!outcome.stderr.includes("secret"));
  }
});

Deno.test({
  name:
    `SC-008 a search over Redis under the tasks' own permissions leaves what one here leaves${left}`,
  ignore: !hasRedis,
  async fn() {
    const port = freePort();
    const dir = `${project.folder}redis`;
    await mkdir(dir);
    const server = new Deno.Command("redis-server", {
      args: ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", dir, "--save", ""],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const env = {
      ASSAY_REDIS_URL: `redis://localhost:${port}`,
      ASSAY_REDIS_NET: `,localhost:${port}`,
    };
    const file = "configs/experiments/oracle_w3_100.yaml";
    try {
      while ((await project.run("optimize", ["workers"], env)).code !== 0);
      const worker = project.start("worker", ["--workers", "2", "--name", "here"], env);
      const queued = await project.run(
        "optimize",
        ["run", file, "--executor", "redis", "--json"],
        env,
      );
      deepStrictEqual([queued.code, queued.stderr], [0, ""]);
      const { experiment_id } = JSON.parse(queued.stdout);
      const tables = await hashesOf(`${project.folder}results/experiments/${experiment_id}`);
      let shown = "";
      for (let looks = 0; looks < 20 && !shown.includes("waiting"); looks++) {
        shown = (await project.run("optimize", ["workers"], env)).stdout;
      }
      match(shown, /^here +2 +100 +\d+ +[0-9a-f]{16} +waiting$/m);
      const listed = await project.run("optimize", ["workers", "--json"], env);
      deepStrictEqual(JSON.parse(listed.stdout).length, 1);
      worker.kill("SIGTERM");
      const left = await outcomeOf(worker);
      deepStrictEqual([left.code, left.stdout], [0, "100 trials\n"]);
      strictEqual(
        (await project.run("optimize", ["workers"], env)).stdout,
        `No workers at localhost:${port}\n`,
      );
      await rm(`${project.folder}results`, { recursive: true });
      await mkdir(`${project.folder}results`);
      const here = await project.run("optimize", ["run", file, "--json"]);
      strictEqual(JSON.parse(here.stdout).experiment_id, experiment_id);
      deepStrictEqual(
        await hashesOf(`${project.folder}results/experiments/${experiment_id}`),
        tables,
      );
    } finally {
      server.kill("SIGKILL");
      await server.status;
    }
  },
});

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}
