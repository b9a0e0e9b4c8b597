import { join } from "node:path";
import { writeFileAtomically } from "../../core/atomic_file.ts";
import { Refusal } from "../../core/errors.ts";
import type { CostEvidence } from "../../core/parity_report.ts";
import type { Config } from "../../config/mod.ts";
import type { Ladder, SessionJournal } from "../../engine/parity/mod.ts";
import {
  type CostEstimate,
  estimateCosts,
  type PricedFill,
  shrunkBps,
} from "../../stats/cost_estimate.ts";
import { PROJECT_ROOT } from "../project.ts";

/** How much own fills must say before a setting is questioned. */
export interface RecalibrationOptions {
  readonly seed?: number;
  /** Orders below which nothing is proposed. */
  readonly leastOrders?: number;
  /** Orders that the present setting weighs as much as. */
  readonly priorOrders?: number;
}

/** What own fills would change in the configuration. */
export interface Recalibration {
  readonly proposals: readonly CostEvidence[];
  /** A file to be laid over the base; null where nothing changes. Nobody lays it there but a person. */
  readonly yaml: string | null;
}

/** The fills of a session's orders with the price at which each order was sized, in the order of the chain. */
export function pricedFills(
  { closes, plan }: Pick<Ladder, "closes" | "plan">,
  { orders }: Pick<SessionJournal, "orders">,
): readonly PricedFill[] {
  const classOf = new Map(plan.assets.map(({ symbol, assetClass }) => [symbol, assetClass]));
  const isInRange = new Set(closes.map(({ time }) => time));
  return [...orders].flatMap(([order, { time, symbol, arrivalPrice, fills }]) => {
    const assetClass = classOf.get(symbol);
    if (!isInRange.has(time) || arrivalPrice === undefined || !assetClass) return [];
    return fills.map(({ event: { side, quantity, price, fee, feeAsset } }): PricedFill => ({
      ...{ order, assetClass, reference: Number(arrivalPrice), price: Number(price) },
      quantity: side === "buy" ? Number(quantity) : -Number(quantity),
      fee: feeAsset === symbol ? Number(fee) * Number(price) : Number(fee),
    }));
  });
}

/** Estimates costs from own fills, and words what would change as YAML. Applies nothing. */
export function recalibrate(
  fills: readonly PricedFill[],
  { execution }: Pick<Config, "execution">,
  { seed = 1, leastOrders = 20, priorOrders = 30 }: RecalibrationOptions = {},
): Recalibration {
  const proposals = estimateCosts(fills, { seed }).map((estimate): CostEvidence => {
    const configuredBps = configuredCost(estimate, execution);
    const kept = keptReason(estimate, { configuredBps, leastOrders });
    // A venue that pays is not to be counted on.
    const shrunk = Math.max(0, shrunkBps(estimate, { prior: configuredBps, priorOrders }));
    const proposedBps = kept === null ? Number(shrunk.toFixed(2)) : configuredBps;
    return { ...estimate, configuredBps, proposedBps, kept };
  });
  return { proposals, yaml: proposalText(proposals) };
}

/** Settings have two decimals. */
const SMALLEST_BPS = 0.005;

function configuredCost(
  { assetClass, kind }: CostEstimate,
  { costs }: Config["execution"],
): number {
  const own = costs[assetClass as keyof typeof costs];
  if (own !== undefined) return own[`${kind}_bps`];
  throw new RangeError(
    `Fills of "${assetClass}", expected one of ${Object.keys(costs).sort().join(", ")}`,
  );
}

function keptReason(
  { orders, lowBps, highBps }: CostEstimate,
  { configuredBps, leastOrders }: { readonly configuredBps: number; readonly leastOrders: number },
): string | null {
  if (orders < leastOrders || lowBps === null || highBps === null) {
    return `${orders} orders, fewer than ${leastOrders}`;
  }
  // Fees are often exact, and their interval is one number.
  return lowBps - SMALLEST_BPS <= configuredBps && configuredBps <= highBps + SMALLEST_BPS
    ? "the present setting lies inside the interval"
    : null;
}

/** Only what changes, each line with what it rests on. */
function proposalText(proposals: readonly CostEvidence[]): string | null {
  const changed = proposals.filter(({ kept, proposedBps, configuredBps }) =>
    kept === null && proposedBps !== configuredBps
  );
  if (changed.length === 0) return null;
  const classes = [...new Set(changed.map(({ assetClass }) => assetClass))];
  const lines = classes.flatMap((assetClass) => [
    `    ${assetClass}:`,
    ...changed.filter((proposal) => proposal.assetClass === assetClass).flatMap((proposal) => [
      `      # was ${proposal.configuredBps}; ${proposal.orders} orders: ${
        bps(proposal.meanBps)
      } ± ` +
      `${bps(proposal.standardErrorBps)}, 95 % from ${bps(proposal.lowBps)} to ${
        bps(proposal.highBps)
      }`,
      `      ${proposal.kind}_bps: ${proposal.proposedBps}`,
    ]),
  ]);
  return [
    "# Costs of own fills, proposed and not applied. In basis points: mean over",
    "# orders ± its standard error, and the interval of the bootstrap; the value",
    "# is that mean drawn toward the present setting.",
    "execution:",
    "  costs:",
    ...lines,
    "",
  ].join("\n");
}

function bps(value: number | null): string {
  return value === null ? "–" : value.toFixed(2);
}

/** Writes a proposal to `configs/proposed/NAME.yaml`, where no task looks by itself. Refuses when nothing changes. */
export async function saveProposal(
  yaml: string | null,
  { name, folder = join(PROJECT_ROOT, "configs", "proposed") }: {
    readonly name: string;
    readonly folder?: string;
  },
): Promise<string> {
  if (yaml === null) {
    throw new Refusal(
      "Cannot save a proposal: own fills change no cost, expected one that they do",
    );
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)) {
    throw new Refusal(
      `Cannot save a proposal as "${name}": expected a name of at most 64 letters, digits, "_" and "-"`,
    );
  }
  const file = join(folder, `${name}.yaml`);
  await writeFileAtomically(file, new TextEncoder().encode(yaml));
  return file;
}
