import { strictEqual } from "node:assert/strict";
import { passesGate } from "./gate.ts";

Deno.test("FR-049 a winner passes with a deflated Sharpe of 0.95 or more and an SPA p-value below 0.05", () => {
  strictEqual(passesGate({ deflatedSharpe: 0.95, spa: 0.049 }), true);
  strictEqual(passesGate({ deflatedSharpe: 0.949, spa: 0.049 }), false);
  strictEqual(passesGate({ deflatedSharpe: 0.95, spa: 0.05 }), false);
});

Deno.test("FR-049 what is undefined passes neither half", () => {
  strictEqual(passesGate({ deflatedSharpe: null, spa: 0 }), false);
  strictEqual(passesGate({ deflatedSharpe: 1, spa: null }), false);
});
