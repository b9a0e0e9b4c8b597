import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { inTestFolder } from "../../core/test_folder.ts";
import { seededRandom } from "../../core/random.ts";
import type { PricedFill } from "../../stats/cost_estimate.ts";
import { loadPlan } from "../load_plan.ts";
import { recalibrate, saveProposal } from "./recalibrate.ts";

/** Orders whose slippage scatters by 1 bps around `slippage`; the fee is exact. */
function fills(
  count: number,
  { assetClass, slippage, fee }: { assetClass: string; slippage: number; fee: number },
): readonly PricedFill[] {
  const random = seededRandom(`${assetClass}/${count}`);
  return Array.from({ length: count }, (_, i) => {
    const quantity = i % 2 === 0 ? 10 : -10;
    const bps = slippage + 2 * random.next() - 1;
    const price = 100 * (1 + Math.sign(quantity) * bps / 1e4);
    return {
      order: String(i),
      assetClass,
      quantity,
      price,
      reference: 100,
      fee: 1_000 * fee / 1e4,
    };
  });
}

const { config } = await loadPlan();

Deno.test("FR-040 fills that cost more than is configured propose a change, and leave the rest alone", async () => {
  const own = [
    ...fills(300, { assetClass: "equity", slippage: 6, fee: 1 }),
    ...fills(10, { assetClass: "crypto", slippage: 50, fee: 40 }),
  ];
  const { proposals, yaml } = recalibrate(own, config);
  deepStrictEqual(proposals.map(({ assetClass, kind, kept }) => [assetClass, kind, kept]), [
    ["crypto", "fee", "10 orders, fewer than 20"],
    ["crypto", "slippage", "10 orders, fewer than 20"],
    ["equity", "fee", "the present setting lies inside the interval"],
    ["equity", "slippage", null],
  ]);
  const { proposedBps, configuredBps, meanBps } = proposals[3]!;
  strictEqual(configuredBps, 2);
  ok(proposedBps > 5 && proposedBps < meanBps!, `${proposedBps}`);
  match(yaml!, /slippage_bps: 5\.\d+/);
  match(yaml!, /# was 2; 300 orders: 5\.98 ± 0\.03, 95 % from 5\.91 to 6\.05/);
  await inTestFolder(async (folder) => {
    const file = await saveProposal(yaml, { name: "own_costs", folder });
    const { config: changed } = await loadPlan(file);
    deepStrictEqual(changed.execution.costs, {
      crypto: config.execution.costs.crypto,
      equity: { fee_bps: 1, slippage_bps: proposedBps },
    });
    await rejects(saveProposal(yaml, { name: "../x", folder }), /expected a name/);
  });
});

Deno.test("FR-040 fills that pay as is configured propose nothing, and nothing is written", async () => {
  const own = fills(100, { assetClass: "crypto", slippage: 5, fee: 10 });
  const found = recalibrate(own, config);
  strictEqual(found.yaml, null);
  await rejects(saveProposal(found.yaml, { name: "x" }), /change no cost/);
  strictEqual(recalibrate([], config).yaml, null);
});

Deno.test("FR-040 a venue that pays is proposed at 0 cost, never below", () => {
  const own = fills(3_000, { assetClass: "equity", slippage: -4, fee: 1 });
  const slippage = recalibrate(own, config).proposals[1]!;
  ok(slippage.meanBps! < -3.9);
  strictEqual(slippage.proposedBps, 0);
});

Deno.test("FR-040 fills of a class that nobody configured are a mistake", () => {
  throws(
    () => recalibrate(fills(3, { assetClass: "bond", slippage: 1, fee: 1 }), config),
    RangeError,
  );
});
