import type { LifecycleSettings } from "../../config/mod.ts";

/** What a trading session knows after a bar. */
export interface SessionFacts {
  /** Whether the kill switch is on. */
  readonly killSwitch: boolean;
  /** Bars on end, up to now, on which the broker failed. */
  readonly brokerFailures: number;
  readonly models: readonly ModelFacts[];
}

/** What it knows of one model that it runs. */
export interface ModelFacts {
  readonly model: string;
  /** Of the model's own ledger, from its peak: a fraction, 0 or more. */
  readonly drawdown: number;
  /** First line of an exception that the model threw at this bar. */
  readonly error?: string | undefined;
}

/** A model that goes back to research, and why. */
export interface AutomaticDemotion {
  readonly model: string;
  readonly rule: DemotionRule["name"];
  /** One line. */
  readonly reason: string;
}

/** One reason to take a model back at once. */
interface DemotionRule {
  readonly name: "kill_switch" | "model_error" | "drawdown" | "broker_failure";
  /** Why this model goes back; undefined where it stays. */
  reason(
    model: ModelFacts,
    session: SessionFacts,
    limits: LifecycleSettings["demotion"],
  ): string | undefined;
}

const RULES: readonly DemotionRule[] = [
  {
    name: "kill_switch",
    reason: (_, { killSwitch }, { kill_switch }) =>
      kill_switch && killSwitch ? "the kill switch is on" : undefined,
  },
  {
    name: "model_error",
    reason: ({ error }, _, { model_error }) =>
      model_error && error !== undefined ? `the model threw: ${oneLine(error)}` : undefined,
  },
  {
    name: "drawdown",
    reason: ({ drawdown }, _, { max_drawdown }) =>
      // NaN, too: a ledger that cannot be valued is no ledger to trade on.
      max_drawdown !== null && !(drawdown <= max_drawdown)
        ? `drawdown of its own ledger ${percent(drawdown)}, above ${percent(max_drawdown)}`
        : undefined,
  },
  {
    name: "broker_failure",
    reason: (_, { brokerFailures }, { max_broker_failures }) =>
      max_broker_failures !== null && brokerFailures > max_broker_failures
        ? `the broker failed on ${brokerFailures} bars on end, more than ${max_broker_failures}`
        : undefined,
  },
];

/** Which models go back to research after this bar, each with the first rule that says so. */
export function demotions(
  session: SessionFacts,
  limits: LifecycleSettings["demotion"],
): readonly AutomaticDemotion[] {
  return session.models.flatMap((facts) => {
    for (const rule of RULES) {
      const reason = rule.reason(facts, session, limits);
      if (reason !== undefined) return [{ model: facts.model, rule: rule.name, reason }];
    }
    return [];
  });
}

function oneLine(text: string): string {
  return text.split("\n")[0]!.slice(0, 300);
}

function percent(fraction: number): string {
  return Number.isFinite(fraction) ? `${Number((100 * fraction).toFixed(2))} %` : "unknown";
}
