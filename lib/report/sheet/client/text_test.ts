import { deepStrictEqual } from "node:assert/strict";
import { featureText } from "./text.js";

Deno.test("FR-062 features of any size are shown with five digits or two decimals", () => {
  const values = [63_250.126, 418.2149, 45.12349, -0.04231449, 0.0000001234567, 0, NaN];
  deepStrictEqual(values.map(featureText), [
    ...["63,250.13", "418.21", "45.123", "-0.042314", "1.2346e-7", "0", "–"],
  ]);
});
