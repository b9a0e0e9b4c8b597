import { deepStrictEqual, ok } from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { DAY_MS, H4_MS } from "../core/bars.ts";
import { formatTime } from "../core/clock.ts";
import type { RunRecord } from "../core/run_record.ts";
import type { Model } from "../models/model.ts";
import { type RandomCase, randomCase } from "../reference/random_case.ts";
import { MISTAKES, type Outcome } from "../reference/settings.ts";
import { simulateExactly } from "../reference/simulate.ts";
import { execute } from "./execute.ts";
import { dataOf, modelOf, planWith, seat } from "./fixtures.ts";
import type { Plan } from "./plan.ts";
import { NothingWarm } from "./setup.ts";

const NIGHTLY = Deno.env.get("ASSAY_NIGHTLY") === "1";
const CASES = NIGHTLY ? 20_000 : 500;

/** Closer to the edge of a comparison than this, a float may honestly fall to the other side. */
const EDGE = 1e-11;
const AGREEMENT = 1e-9;

/** What must be met again and again for agreement to mean anything. */
const FEATURES = [
  "asset_cap",
  "below_minimum",
  "borrowed",
  "bought",
  "budget_changed",
  "budget_raised",
  "buy_scaled",
  "class_cap",
  "crossed",
  "equities",
  "fill_price",
  "forced_by_limit",
  "gross_cap",
  "halted",
  "interest",
  "kept",
  "kept_unseen",
  "late_join",
  "left_alone",
  "missing_bars",
  "net_cap",
  "order_at_minimum",
  "recovered",
  "reduced",
  "regime_limits",
  "resumed",
  "same_close",
  "several_buys_scaled",
  "short_held",
  "sold",
  "stop_gapped",
  "stop_of_long",
  "stop_of_short",
  "trade_risk",
  "two_moments",
  "unwished_lots",
  "waited",
];

/** The engine's run of the same case. */
function runEngine(given: RandomCase): RunRecord {
  const { listings } = given;
  const models = given.models.map((model, index) => scripted(given, index, model.name));
  return execute({
    plan: planOf(given, models),
    data: listings.map(({ bars }) => dataOf(bars)),
    regimes: { vix: given.vix },
  }, models);
}

/** A model that says what its script has at the time, of the assets that it sees. */
function scripted({ models, days, allowShort }: RandomCase, index: number, name: string): Model {
  const { universe, wishes, stops } = models[index]!;
  const every = days[index];
  return modelOf(
    name,
    universe,
    ({ time, assets }) => {
      const wish = wishes.get(time) ?? {};
      return Object.fromEntries(
        assets.filter(({ symbol }) => wish[symbol] !== undefined)
          .map(({ symbol, price }) => {
            const weight = wish[symbol]!;
            const stop = stops.get(time)?.[symbol];
            return [symbol, stop === undefined ? weight : { weight, stop: price * stop }];
          }),
      );
    },
    { shorts: allowShort, ...(every === undefined ? {} : { days: every }) },
  );
}

function planOf({ listings, models, settings, allowShort }: RandomCase, made: Model[]): Plan {
  const { costs } = settings;
  return planWith(
    listings.map(({ asset }) => ({ ...asset, ...costs[asset.assetClass] })),
    made.map((model, index) => seat(model, { budgetFraction: models[index]!.budget })),
    {
      start: settings.start,
      end: settings.end + DAY_MS,
      initialNav: settings.initialNav,
      risk: {
        ...settings.limits,
        allowShort,
        drawdown: {
          trigger: settings.drawdownTrigger,
          deriskingFactor: settings.deriskingFactor,
          recover: settings.drawdownRecover,
          halt: settings.drawdownHalt,
          resumeDays: settings.haltResumeDays,
        },
      },
      regimeBudgets: settings.regimeBudgets,
      regimeLimits: settings.regimeLimits as Plan["regimeLimits"],
      fill: settings.fill,
      sizing: settings.sizing,
      rebalanceThreshold: settings.rebalanceThreshold,
      allowBorrowing: settings.allowBorrowing,
      cashRate: settings.cashRate,
      maxGapBars: settings.maxGapBars,
    },
  );
}

/** What the engine makes of a case in which the reference found this; undefined when they agree. */
function disagreement(given: RandomCase, exact: Outcome): string | undefined {
  try {
    return difference(given, exact, runEngine(given));
  } catch (error) {
    // A range in which no asset can ever be used is refused; in the reference nothing happens.
    if (!(error instanceof NothingWarm)) throw error;
    return exact.fills.length > 0 ? error.message : undefined;
  }
}

/** The first thing in which two runs of a case differ, in words; undefined when they agree. */
function difference(given: RandomCase, exact: Outcome, run: RunRecord): string | undefined {
  return differentFills(given, exact, run) ?? differentMarks(exact, run) ??
    (isBearerOpen(exact) ? undefined : differentLedgers(given, exact, run));
}

/** Who bears a lot that none wished for is too close to call where a wish is so faint that floats may take it for none. */
function isBearerOpen({ events }: Outcome): boolean {
  return events["unwished_beside_a_faint_wish"] !== undefined;
}

function differentMarks({ marks }: Outcome, run: RunRecord): string | undefined {
  const differs = marks.findIndex(({ nav, cash }, t) =>
    !(Math.abs(run.nav[t]! - nav) <= AGREEMENT * nav) ||
    !(Math.abs(run.cash[t]! - cash) <= AGREEMENT * nav)
  );
  if (marks.length !== run.nav.length) return `${run.nav.length} marks for ${marks.length}`;
  if (differs < 0) return undefined;
  const { nav, cash } = marks[differs]!;
  return `mark ${differs}: NAV ${run.nav[differs]} and cash ${
    run.cash[differs]
  } for ${nav} and ${cash}`;
}

interface PlainFill {
  readonly time: number;
  readonly symbol: string;
  readonly quantity: number;
  readonly price: number;
  readonly fee: number;
}

function differentFills(given: RandomCase, exact: Outcome, run: RunRecord): string | undefined {
  const { initialNav } = given.settings;
  const isReal = ({ quantity, price }: PlainFill) =>
    Math.abs(quantity) * price > 1e-10 * initialNav;
  const inOrder = (fills: readonly PlainFill[]) =>
    fills.filter(isReal).sort((a, b) => a.time - b.time || (a.symbol < b.symbol ? -1 : 1));
  const expected = inOrder(exact.fills);
  const found = inOrder(
    run.outcomes.flatMap((outcome) =>
      outcome.status === "filled" ? [{ ...outcome, symbol: run.assets[outcome.asset]!.symbol }] : []
    ),
  );
  const tell = (fill?: PlainFill) =>
    fill
      ? `${fill.symbol} at ${
        formatTime(fill.time)
      } ${fill.quantity} × ${fill.price}, fee ${fill.fee}`
      : "none";
  for (let i = 0; i < Math.max(expected.length, found.length); i++) {
    const [a, b] = [expected[i], found[i]];
    if (a && b && isSameFill(a, b, initialNav)) continue;
    return `fill ${i}: ${tell(b)} for ${tell(a)}`;
  }
  return undefined;
}

function isSameFill(a: PlainFill, b: PlainFill, nav: number): boolean {
  const isNear = (x: number, y: number, size: number) =>
    Math.abs(x - y) <= AGREEMENT * Math.abs(x) + 0.1 * AGREEMENT * size;
  return a.time === b.time && a.symbol === b.symbol && isNear(a.price, b.price, 0) &&
    isNear(a.quantity, b.quantity, nav / a.price) && isNear(a.fee, b.fee, nav * 1e-3);
}

function differentLedgers(given: RandomCase, exact: Outcome, run: RunRecord): string | undefined {
  const { listings, models, settings } = given;
  for (const [m, ledger] of exact.ledgers.entries()) {
    const own = run.bookings.filter(({ model }) => model === m);
    const cash = own.reduce((sum, booking) => sum + booking.cash, 0);
    if (!(Math.abs(cash - ledger.cash) <= AGREEMENT * settings.initialNav)) {
      return `${models[m]!.name}: cash ${cash} for ${ledger.cash}`;
    }
    for (const [a, { asset, bars }] of listings.entries()) {
      const quantity = own.filter((booking) => booking.asset === a)
        .reduce((sum, booking) => sum + booking.quantity, 0);
      const away = Math.abs(quantity - ledger.quantities[a]!) * (bars.close[0] ?? 1);
      if (away <= AGREEMENT * settings.initialNav) continue;
      return `${models[m]!.name}: ${quantity} ${asset.symbol} for ${ledger.quantities[a]}`;
    }
  }
  return undefined;
}

/** The features of a case: what its rules said, and what it is made of. */
function featuresOf({ listings, models, settings }: RandomCase, { events, marks }: Outcome) {
  const { start, regimeBudgets } = settings;
  const raised = models.some(({ name, budget }) =>
    (regimeBudgets["equity_neutral"]?.[name] ?? 0) > budget
  );
  const isHoley = ({ asset, bars }: RandomCase["listings"][number]) =>
    asset.assetClass === "crypto" &&
    bars.openTime.some((time, row) => row > 0 && time - bars.openTime[row - 1]! > H4_MS);
  return [
    ...Object.keys(events),
    settings.fill,
    settings.sizing,
    ...(raised ? ["budget_raised"] : []),
    ...(settings.cashRate > 0 ? ["interest"] : []),
    ...(Object.keys(settings.regimeLimits).length > 0 ? ["regime_limits"] : []),
    ...(marks.some(({ cash }) => cash < 0) ? ["borrowed"] : []),
    ...(listings.some(({ bars }) => bars.openTime[0]! >= start) ? ["late_join"] : []),
    ...(listings.some(({ asset }) => asset.assetClass === "equity") ? ["equities"] : []),
    ...(listings.some(isHoley) ? ["missing_bars"] : []),
  ];
}

Deno.test(`FR-039 the engine agrees with the exact reference on ${CASES} random cases`, () => {
  const met = new Map<string, number>();
  const wrong: string[] = [];
  let skipped = 0;
  for (let number = 0; number < CASES; number++) {
    const given = randomCase(number);
    const exact = simulateExactly(given);
    for (const feature of featuresOf(given, exact)) met.set(feature, (met.get(feature) ?? 0) + 1);
    if (exact.margin < EDGE) {
      skipped++;
      continue;
    }
    const found = disagreement(given, exact);
    if (found !== undefined) wrong.push(`case ${number}: ${found}`);
  }
  deepStrictEqual(wrong, []);
  ok(skipped < 0.02 * CASES, `${skipped} of ${CASES} cases were too close to call`);
  deepStrictEqual(FEATURES.filter((name) => (met.get(name) ?? 0) < CASES / 100), []);
});

for (const mistake of MISTAKES) {
  Deno.test(`FR-039 the comparison notices a reference with ${mistake.replaceAll("_", " ")}`, () => {
    let noticed = 0;
    for (let number = 0; number < 500 && noticed < 2; number++) {
      const given = randomCase(number);
      const wrong = simulateExactly(given, [mistake]);
      const right = simulateExactly(given);
      if (right.margin < EDGE || isDeepStrictEqual(wrong, right)) continue;
      if (disagreement(given, wrong) !== undefined) noticed++;
    }
    ok(noticed >= 2, `only ${noticed} cases differ`);
  });
}
