/** Limits that the portfolio resulting from untraded differences must keep; Infinity is no limit. */
export interface ExposureLimits {
  readonly asset: number;
  /** Cap per class, and the class of each asset as a place in that list. */
  readonly classes: readonly number[];
  readonly classOf: Int32Array;
  readonly gross: number;
  readonly net: number;
}

/** What an instruction is drawn from. */
export interface Holdings {
  /** Targets after risk, and what is held at the last known closes: shares of NAV. */
  readonly targets: Float64Array;
  readonly drifted: Float64Array;
  /** Smallest change of a weight worth trading. */
  readonly threshold: number;
  readonly limits: ExposureLimits;
}

// A weight that meets its cap exactly may miss it by the rounding of a division.
const ROUNDING = 1 + 1e-12;

/**
 * FR-026: marks with 1 the assets to trade. A difference below the threshold is left alone unless the target is
 * zero, the asset is over a limit, or the portfolio that would result is over one.
 */
export function chooseTrades(holdings: Holdings, trade: Uint8Array): boolean {
  const { targets, drifted, threshold, limits } = holdings;
  const assetLimit = limits.asset * ROUNDING;
  let any = false;
  let leftAlone = false;
  for (let asset = 0; asset < targets.length; asset++) {
    const target = targets[asset]!;
    const held = drifted[asset]!;
    if (target === held) {
      trade[asset] = 0;
      continue;
    }
    const chosen = target === 0 || Math.abs(target - held) >= threshold ||
      Math.abs(held) > assetLimit;
    trade[asset] = chosen ? 1 : 0;
    if (chosen) any = true;
    else leftAlone = true;
  }
  if (!leftAlone || !limitsPortfolio(limits)) return any;
  // Each round adds trades, and a portfolio of nothing but targets keeps every limit: this ends.
  while (cutExcess(holdings, trade)) any = true;
  return any;
}

function limitsPortfolio({ classes, gross, net }: ExposureLimits): boolean {
  if (gross !== Infinity || net !== Infinity) return true;
  for (let place = 0; place < classes.length; place++) {
    if (classes[place] !== Infinity) return true;
  }
  return false;
}

// Gross weight per class, written anew by every call: most decisions leave something alone, and none should cost memory.
let classGross = new Float64Array(0);

/** Trades what was left alone too, wherever leaving it would break a limit that the targets keep. */
function cutExcess({ targets, drifted, limits }: Holdings, trade: Uint8Array): boolean {
  const { classes, classOf } = limits;
  if (classGross.length < classes.length) classGross = new Float64Array(classes.length);
  classGross.fill(0);
  let gross = 0;
  let net = 0;
  for (let asset = 0; asset < targets.length; asset++) {
    const weight = trade[asset] === 1 ? targets[asset]! : drifted[asset]!;
    const size = Math.abs(weight);
    gross += size;
    net += weight;
    classGross[classOf[asset]!]! += size;
  }
  const overGross = gross > limits.gross * ROUNDING;
  const overNet = Math.abs(net) > limits.net * ROUNDING;
  let any = false;
  for (let asset = 0; asset < targets.length; asset++) {
    if (trade[asset] === 1) continue;
    const target = targets[asset]!;
    const held = drifted[asset]!;
    const place = classOf[asset]!;
    const overSize = overGross || classGross[place]! > classes[place]! * ROUNDING;
    const cuts = (overSize && Math.abs(held) > Math.abs(target)) ||
      (overNet && (net > 0 ? held > target : held < target));
    if (!cuts) continue;
    trade[asset] = 1;
    any = true;
  }
  return any;
}
