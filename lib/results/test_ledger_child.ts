import { openDatabase } from "./database.ts";

// deno run test_ledger_child.ts FILE NAME COUNT: registers and finishes COUNT trials one after the other; the last
// begins and never ends when COUNT is negative, as the process says "begun" and waits to be killed.

const [file = "", name = "", count = ""] = Deno.args;
const database = await openDatabase(file, { waitMs: 20_000 });
const key = { family: "A", dataSet: "SPY h4" };
for (let trial = 0; trial < Math.abs(Number(count)); trial++) {
  const number = database.beginTrial(`${name}-${trial}`, { ...key, startedAt: trial });
  if (Number(count) < 0) {
    console.log("begun");
    await new Promise(() => setInterval(() => {}, 60_000));
  }
  const result = { sharpe: trial / 100, days: 250, skew: 0, kurtosis: 3 };
  database.finishTrial(number, { status: "finished", finishedAt: trial, result });
}
database.close();
