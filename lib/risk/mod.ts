export { applyRules } from "./apply_rules.ts";
export * from "./drawdown.ts";
export * from "./rules.ts";
