import { DAY_MS, type Millis } from "../core/bars.ts";
import type { RiskMode } from "../core/run_record.ts";
import type { Rule } from "./rules.ts";

/** When drawdown from the peak reduces or halts (FR-031); null switches a step off. */
export interface DrawdownLimits {
  readonly trigger: number | null;
  readonly deriskingFactor: number;
  readonly recover: number;
  readonly halt: number | null;
  /** Days after which a backtest resumes; null = never. */
  readonly resumeDays: number | null;
}

/** What is carried from one decision to the next. */
export interface RiskState {
  readonly mode: RiskMode;
  readonly peakNav: number;
  /** When the halt began; NaN outside a halt. */
  readonly haltedAt: Millis;
}

/** The state before the first decision. */
export function initialRiskState(nav: number): RiskState {
  return { mode: "NORMAL", peakNav: nav, haltedAt: NaN };
}

/** The state at a decision, from the one before and the NAV known now. Returns the same object when nothing moved. */
export function nextRiskState(
  state: RiskState,
  limits: DrawdownLimits,
  now: { nav: number; time: Millis },
): RiskState {
  const { nav, time } = now;
  if (state.mode === "HALT") {
    const resumes = limits.resumeDays !== null &&
      time - state.haltedAt >= limits.resumeDays * DAY_MS;
    return resumes ? initialRiskState(nav) : state;
  }
  const peakNav = nav > state.peakNav ? nav : state.peakNav;
  // The difference first: it is exact where 1 − nav ÷ peak would call a fall from 100 to 80 less than 0.2.
  const drawdown = (peakNav - nav) / peakNav;
  if (limits.halt !== null && drawdown >= limits.halt) {
    return { mode: "HALT", peakNav, haltedAt: time };
  }
  const mode = state.mode === "REDUCED"
    ? drawdown < limits.recover ? "NORMAL" : "REDUCED"
    : limits.trigger !== null && drawdown >= limits.trigger
    ? "REDUCED"
    : "NORMAL";
  if (mode === state.mode && peakNav === state.peakNav) return state;
  return { mode, peakNav, haltedAt: NaN };
}

/** What the mode does to targets: nothing, a smaller size, or nothing held. */
export function modeRule(mode: RiskMode, deriskingFactor: number): Rule | undefined {
  if (mode === "NORMAL") return undefined;
  const factor = mode === "HALT" ? 0 : deriskingFactor;
  return {
    name: mode === "HALT" ? "drawdown_halt" : "drawdown_trigger",
    apply(weights) {
      for (let asset = 0; asset < weights.length; asset++) {
        weights[asset] = factor === 0 ? 0 : weights[asset]! * factor;
      }
    },
  };
}
