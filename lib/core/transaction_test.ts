import { deepStrictEqual, throws } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { inTransaction } from "./transaction.ts";

Deno.test("inTransaction() does all of the work and answers with its result, or does nothing of it", () => {
  using database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE one (value INTEGER PRIMARY KEY)");
  const add = (value: number) => database.prepare("INSERT INTO one VALUES (?)").run(value).changes;
  const values = () => database.prepare("SELECT value FROM one").all().map(({ value }) => value);
  deepStrictEqual([inTransaction(database, () => add(1)), values()], [1, [1]]);
  const twice = () => [add(2), add(2)];
  throws(() => inTransaction(database, twice), /UNIQUE/);
  deepStrictEqual([values(), database.isTransaction], [[1], false]);
});
