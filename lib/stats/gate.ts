/** Bounds of the gate: a winner passes with a deflated Sharpe of 0.95 or more and an SPA p-value below 0.05. */
export const GATE = { deflatedSharpe: 0.95, spa: 0.05 } as const;

/** Share of winners that the gate may let pass on markets without an edge. */
export const MOST_FALSE_ALARMS = 0.08;

/** Whether a winner passes both halves; what is undefined passes neither. */
export function passesGate(
  { deflatedSharpe, spa }: {
    readonly deflatedSharpe: number | null;
    /** The consistent p-value. */
    readonly spa: number | null;
  },
): boolean {
  return deflatedSharpe !== null && deflatedSharpe >= GATE.deflatedSharpe &&
    spa !== null && spa < GATE.spa;
}
