import type { Certificate, Envelope, LuckFigures, Proofs } from "../core/proofs.ts";

/** A certificate that passed. */
export const PASSED: Certificate = {
  verdict: "passed",
  seed: 1,
  checkpoints: [{
    time: "2024-01-02T00:00:00Z",
    why: "first trade",
    decisions: 2,
    cut: "identical",
    garbage: "identical",
  }],
  feature_cuts: 3,
  compared: { feature_values: 12, regime_values: 0, decisions: 2, orders: 1, fills: 1 },
  findings: [],
};

const member = {
  final_nav: 104,
  total_return: 0.04,
  cagr: null,
  sharpe: 1.5,
  max_drawdown: 0.1,
  bps: null,
};

/** An envelope of two members with something to say. */
export const ENVELOPE: Envelope = {
  members: [
    { name: "next_open", title: "Next open", ...member },
    { name: "next_worst", title: "Worst of next bar", ...member, sharpe: -0.5 },
  ],
  headline: "The edge is gone when orders fill at the worst price of the next bar",
};

/** What chance makes of an account. */
export const LUCK: LuckFigures = {
  block_days: 2,
  sharpe: { estimate: 1.5, low: 0.5, high: 2.5 },
  cagr: { estimate: 0.1, low: -0.02, high: 0.2 },
  max_drawdown: { estimate: 0.1, low: 0.05, high: 0.25 },
  drawdown_quantiles: { p50: 0.12, p75: 0.15, p90: 0.18, p95: 0.21, p99: 0.3 },
  permutation: { observed: 1.5, shuffled_mean: 0.75, p_value: 0.0125 },
  min_track_record_days: 1234,
  days: 3,
};

/** All proofs of a run with models A and B, B's luck unknown. */
export const PROOFS: Proofs = {
  certificate: PASSED,
  envelope: ENVELOPE,
  luck: {
    seed: 1,
    confidence: 0.95,
    resamples: 2000,
    permutations: 1000,
    portfolio: LUCK,
    models: { A: { ...LUCK, permutation: null, min_track_record_days: null } },
  },
};
