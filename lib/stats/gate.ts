/** Bounds of the gate: a winner passes with a deflated Sharpe of 0.95 or more and an SPA p-value below 0.05. */
export const GATE = { deflatedSharpe: 0.95, spa: 0.05 } as const;

/** Share of winners that the gate may let pass on markets without an edge. */
export const MOST_FALSE_ALARMS = 0.08;

/** What the gate looks at; null is undefined. */
export interface GateFigures {
  readonly deflatedSharpe: number | null;
  /** The consistent p-value against cash. */
  readonly spa: number | null;
}

/** Whether a winner passes the gate, and which half of it; null where a half is undefined. */
export interface GateVerdict {
  readonly state: "passed" | "failed" | "undecided";
  readonly deflated: boolean | null;
  readonly spa: boolean | null;
}

/** The gate: failed as soon as one half fails, undecided while one is undefined. */
export function gateVerdict({ deflatedSharpe, spa }: GateFigures): GateVerdict {
  const halves = {
    deflated: deflatedSharpe === null ? null : deflatedSharpe >= GATE.deflatedSharpe,
    spa: spa === null ? null : spa < GATE.spa,
  };
  const both = [halves.deflated, halves.spa];
  const state = both.includes(false) ? "failed" : both.includes(null) ? "undecided" : "passed";
  return { state, ...halves };
}

/** Whether a winner passes both halves; what is undefined passes neither. */
export function passesGate(figures: GateFigures): boolean {
  return gateVerdict(figures).state === "passed";
}
