/** Net weights of all assets, in the plan's order; shares of NAV, negative is short. */
export type NetWeights = Float64Array;

/** One limit. It may take exposure away in place, never add any. */
export interface Rule {
  readonly name: string;
  apply(weights: NetWeights): void;
}

/** FR-028: each asset at most `cap` of NAV. */
export function assetCap(cap: number): Rule {
  return {
    name: "per_asset_cap",
    apply(weights) {
      for (let asset = 0; asset < weights.length; asset++) {
        if (weights[asset]! > cap) weights[asset] = cap;
        else if (weights[asset]! < -cap) weights[asset] = -cap;
      }
    },
  };
}

/** FR-029: the gross weight of the class's assets at most `cap`, scaled in proportion. */
export function classCap(name: string, members: readonly number[], cap: number): Rule {
  return {
    name: `class_caps.${name}`,
    apply(weights) {
      let gross = 0;
      for (const asset of members) gross += Math.abs(weights[asset]!);
      if (gross <= cap) return;
      const factor = cap / gross;
      for (const asset of members) weights[asset]! *= factor;
    },
  };
}

/** FR-030: gross exposure at most `cap` times NAV, scaled in proportion. */
export function leverageCap(cap: number): Rule {
  return {
    name: "max_leverage",
    apply(weights) {
      const gross = grossOf(weights);
      if (gross > cap) scale(weights, cap / gross);
    },
  };
}

/** FR-030: net exposure at most `cap` times NAV either way; the side that is too large is scaled. */
export function netCap(cap: number): Rule {
  return {
    name: "max_net_leverage",
    apply(weights) {
      const net = netOf(weights);
      if (Math.abs(net) <= cap) return;
      const sign = net < 0 ? -1 : 1;
      let side = 0;
      for (let asset = 0; asset < weights.length; asset++) {
        if (weights[asset]! * sign > 0) side += weights[asset]! * sign;
      }
      const factor = (side - (Math.abs(net) - cap)) / side;
      for (let asset = 0; asset < weights.length; asset++) {
        if (weights[asset]! * sign > 0) weights[asset]! *= factor;
      }
    },
  };
}

/** Σ|weight|. */
export function grossOf(weights: NetWeights): number {
  let gross = 0;
  for (let asset = 0; asset < weights.length; asset++) gross += Math.abs(weights[asset]!);
  return gross;
}

/** Σ weight. */
export function netOf(weights: NetWeights): number {
  let net = 0;
  for (let asset = 0; asset < weights.length; asset++) net += weights[asset]!;
  return net;
}

function scale(weights: NetWeights, factor: number): void {
  for (let asset = 0; asset < weights.length; asset++) weights[asset]! *= factor;
}
