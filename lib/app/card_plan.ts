import { DAY_MS } from "../core/bars.ts";
import { formatDate, parseDate } from "../core/clock.ts";
import { canonicalJson } from "../core/hash.ts";
import { type Plan, planText } from "../engine/plan.ts";
import {
  anything,
  byName,
  fields,
  flag,
  list,
  number,
  oneOf,
  optionalFields,
  orNull,
  type Shaped,
  simple,
  text,
} from "./verify_shape.ts";

const date = simple<string>("a date like 2020-01-01", isDate);
const cap = orNull(number);

const caps = {
  per_asset_cap: cap,
  class_caps: byName(cap),
  max_leverage: cap,
  max_net_leverage: cap,
  per_trade_risk: cap,
};

/** What a card may hold for a plan: these keys and no others. */
export const cardPlanShape = fields({
  timeframe: oneOf("h4", "daily"),
  start: date,
  end: date,
  initial_nav: number,
  seed: number,
  assets: list(fields({
    symbol: text,
    asset_class: oneOf("equity", "crypto"),
    venue: text,
    min_order_size: number,
    quantity_precision: orNull(number),
    price_precision: orNull(number),
    fee_bps: number,
    slippage_bps: number,
  })),
  models: list(
    fields({
      name: text,
      version: text,
      budget_fraction: number,
      universe: list(text),
      parameters: byName(anything),
      missing: oneOf("ffill", "skip", "fail"),
    }),
    { least: 1 },
  ),
  risk: fields({
    ...caps,
    allow_short: flag,
    drawdown: fields({
      trigger: orNull(number),
      derisking_factor: number,
      recover: number,
      halt: orNull(number),
      resume_days: orNull(number),
    }),
  }),
  regime_budgets: byName(byName(number)),
  regime_limits: byName(optionalFields(caps)),
  fill: oneOf("next_open", "same_close"),
  sizing: oneOf("decision_price", "fill_price"),
  rebalance_threshold: number,
  allow_borrowing: flag,
  cash_rate: number,
  max_gap_bars: number,
});

/** A plan as its card spells it: keys as in YAML, the range as first and last date. */
export type CardPlan = Shaped<typeof cardPlanShape>;

/** The plan with keys spelled as in YAML and its range as dates: what a reader of the card expects. */
export function cardPlan(plan: Plan): CardPlan {
  const spelled = respelled(JSON.parse(planText(plan)), yamlKey) as Record<string, unknown>;
  const range = { start: formatDate(plan.start), end: formatDate(plan.end - 1) };
  return { ...spelled, ...range } as CardPlan;
}

/** The plan that `cardPlan` spelled, with keys in the order of the plan's text. */
export function planFromCard(card: CardPlan): Plan {
  const { start, end, ...rest } = card;
  const spelled = respelled(rest, planKey) as Omit<Plan, "start" | "end">;
  const plan: Plan = { ...spelled, start: parseDate(start), end: parseDate(end) + DAY_MS };
  return JSON.parse(canonicalJson(plan));
}

/** Renames the keys that are fields. Names of models, symbols, classes, regimes and parameters stay as they are. */
function respelled(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => respelled(item, rename));
  if (value === null || typeof value !== "object") return value;
  const renamed = Object.entries(value).map(([key, item]) => {
    switch (yamlKey(key)) {
      case "parameters":
      case "class_caps":
      case "regime_budgets":
        return [rename(key), item];
      case "regime_limits":
        return [
          rename(key),
          Object.fromEntries(
            Object.entries(item).map(([regime, limit]) => [regime, respelled(limit, rename)]),
          ),
        ];
      default:
        return [rename(key), respelled(item, rename)];
    }
  });
  return Object.fromEntries(renamed);
}

function yamlKey(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function planKey(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function isDate(value: unknown): boolean {
  try {
    parseDate(String(value));
    return true;
  } catch {
    return false;
  }
}
