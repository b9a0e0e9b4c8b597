import { strictEqual } from "node:assert/strict";
import type { Envelope } from "../core/proofs.ts";
import { envelopeTable } from "./envelope_table.ts";

const envelope: Envelope = {
  members: [
    {
      ...{
        name: "next_open",
        title: "Next open",
        final_nav: 123_456.789,
        total_return: 0.23456789,
      },
      ...{ cagr: 0.1, sharpe: 1.234, max_drawdown: 0.15, bps: 0.7 },
    },
    {
      ...{ name: "next_worst", title: "Worst of next bar", final_nav: 0, total_return: -1 },
      ...{ cagr: -1, sharpe: null, max_drawdown: 1, bps: null },
    },
  ],
  headline: null,
};

const GOLDEN = `
Fill                   Final NAV  Total return      CAGR  Sharpe  Max drawdown   BPS
------------------------------------------------------------------------------------
Next open (this run)  123,456.79        23.46%    10.00%    1.23        15.00%  0.70
Worst of next bar           0.00      -100.00%  -100.00%       –       100.00%     –`.slice(1);

Deno.test("FR-063 the envelope is a line for each fill assumption, the run's own first", () => {
  strictEqual(envelopeTable(envelope), GOLDEN);
});

Deno.test("FR-063 the headline stands below it", () => {
  const headline = "The edge is gone when costs double";
  strictEqual(envelopeTable({ ...envelope, headline }), `${GOLDEN}\n\n${headline}`);
});
