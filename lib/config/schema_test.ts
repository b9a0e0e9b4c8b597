import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { z } from "zod";
import { configSchema } from "./schema.ts";
import { expectation, partialOf, schemaAt, unwrap } from "./schema_walk.ts";
import { TEST_MODELS, TEST_REGIME_KEYS } from "./test_config.ts";

/** Key paths of every field that has no description, here and below. */
function undescribed(schema: z.core.$ZodType, path: string): string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodNullable) return undescribed(inner.def.innerType, path);
  if (inner instanceof z.ZodRecord) return undescribed(inner.def.valueType, `${path}.NAME`);
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape).flatMap(([key, field]) => {
    const here = `${path}.${key}`;
    const told = (field as z.ZodType).description?.endsWith(".");
    return [...(told ? [] : [here]), ...undescribed(field, here)];
  });
}

const schema = configSchema(TEST_MODELS, TEST_REGIME_KEYS);

Deno.test("FR-050 every field of the configuration is described by a sentence", () => {
  const entry = schemaAt(schema, ["models", "CrossModel_v1"]);
  strictEqual(entry === undefined, false);
  deepStrictEqual(undescribed(schema, "config"), []);
  deepStrictEqual(undescribed(z.object({ a: z.number().default(1) }), "x"), ["x.a"]);
});

Deno.test("FR-050 the words for what is expected follow the schema", () => {
  const words = (...path: string[]) => expectation(schemaAt(schema, path)!);
  strictEqual(words("risk", "per_asset_cap"), "a number from 0 to 1 or null");
  strictEqual(words("risk", "max_leverage"), "a number of at least 0 or null");
  strictEqual(words("risk", "halt_resume_days"), "a whole number of at least 1 or null");
  strictEqual(words("system", "backtest_initial_nav"), "a number above 0");
  strictEqual(words("system", "timeframe"), 'one of "h4", "daily"');
  strictEqual(words("system", "mode"), '"backtest"');
  strictEqual(words("system", "start"), "a date like 2020-01-01");
  strictEqual(words("execution", "costs", "crypto", "fee_bps"), "a number from 0 to below 10000");
  strictEqual(words("execution", "allow_borrowing"), "true or false");
  strictEqual(words("assets"), "a mapping");
  const either = z.union([z.literal("equal"), z.number().lt(3)]);
  strictEqual(expectation(either), '"equal" or a number below 3');
});

Deno.test("FR-052 one file may hold any part of the configuration, but no unknown key and no wrong type", () => {
  const partial = partialOf(schema);
  const accepts = (value: unknown) => partial.safeParse(value).success;
  strictEqual(accepts({}), true);
  strictEqual(accepts({ models: { CrossModel_v1: { parameters: { fast_ma: 900 } } } }), true);
  strictEqual(accepts({ risk: { per_asset_cap: null }, assets: { XLK: {} } }), true);
  strictEqual(accepts({ risk: { drawdown_trigger: 0.9 } }), true);
  strictEqual(accepts({ risk: { derisking_factor: null } }), false);
  strictEqual(accepts({ risk: { per_asset_capp: 1 } }), false);
  strictEqual(accepts({ models: { CrossModel_v1: { parameters: { fast: 9 } } } }), false);
  strictEqual(accepts({ system: { seed: true } }), false);
  strictEqual(accepts({ system: { seed: "1" } }), false);
  deepStrictEqual(partial.parse({ system: {} }), { system: {} });
});
