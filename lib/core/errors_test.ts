import { ok, strictEqual } from "node:assert/strict";
import { didYouMean, nearestName, Refusal } from "./errors.ts";

Deno.test("a refusal carries one line, its exit code and its cause", () => {
  const refusal = new Refusal("no data for SPY");
  ok(refusal instanceof Error);
  strictEqual(refusal.name, "Refusal");
  strictEqual(refusal.message, "no data for SPY");
  strictEqual(refusal.exitCode, 1);
  strictEqual("cause" in refusal, false);
  const cause = new TypeError("underneath");
  const other = new Refusal("differences found", { exitCode: 3, cause });
  strictEqual(other.exitCode, 3);
  strictEqual(other.cause, cause);
});

const keys = ["per_asset_cap", "max_leverage", "max_net_leverage", "drawdown_halt"];

Deno.test("a misspelt name is answered with the one that was meant", () => {
  strictEqual(nearestName("per_asset_cpa", keys), "per_asset_cap");
  strictEqual(nearestName("MAX_LEVERAGE", keys), "max_leverage");
  strictEqual(nearestName("max_net_leverages", keys), "max_net_leverage");
});

Deno.test("of equally near names the first is taken, so that the answer never varies", () => {
  strictEqual(nearestName("ac", ["ab", "ad"]), "ab");
  strictEqual(nearestName("ac", ["ad", "ab"]), "ad");
});

Deno.test("a name that is near to none is answered with none", () => {
  strictEqual(nearestName("colour", keys), undefined);
  strictEqual(nearestName("cap", []), undefined);
  strictEqual(didYouMean("colour", keys), "");
  strictEqual(didYouMean("drawdown_hall", keys), ' (did you mean "drawdown_halt"?)');
});
