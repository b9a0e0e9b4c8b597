import { ok, strictEqual, throws } from "node:assert/strict";
import { inspect } from "node:util";
import { Secret, secretFrom } from "./secret.ts";

const KEY = "PK-very-secret-0123";

Deno.test("FR-055 a secret is shown by nothing but reveal()", () => {
  const secret = new Secret(KEY);
  const inside = { deep: [{ secret }], map: new Map([["key", secret]]) };
  const shown = [
    `${secret}`,
    String(secret),
    JSON.stringify(inside),
    inspect(inside, { depth: 9, showHidden: true }),
    Deno.inspect(inside, { depth: 9, showHidden: true }),
    Object.keys(secret).join(),
    new Error("x", { cause: secret }).toString(),
  ];
  for (const text of shown) ok(!text.includes(KEY), text);
  strictEqual(`${secret}`, "[secret]");
  strictEqual(JSON.stringify(secret), '"[secret]"');
  strictEqual(Deno.inspect(secret), "[secret]");
  strictEqual(secret.reveal(), KEY);
});

Deno.test("FR-055 a key that is missing or broken is refused by the name of its variable alone", () => {
  strictEqual(secretFrom("KEY", () => ` ${KEY}\n`).reveal(), KEY);
  throws(() => secretFrom("KEY", () => undefined), /Cannot read KEY: found nothing/);
  throws(
    () => secretFrom("KEY", () => `${KEY} ${KEY}`),
    (error: Error) => /a space in it/.test(error.message) && !error.message.includes(KEY),
  );
});
