import { dateText, dayText, minuteText } from "./dates.js";
import { el, table } from "./dom.js";
import { factList, nearestText, orderTable, regimeStates } from "./day_panel.js";
import { heldAt, newestOrders, regimeRow, wishesAt } from "./position.js";
import { fillAt } from "./run_data.js";
import { featureText, numberText, percentText, shortName, signedText, unitsText } from "./text.js";

/** Why an asset was held, or was not, as a day ended: from the regimes to what the account had of it. */
export function holdingWhy(run, { symbol, day }, { openFill }) {
  const mark = run.days("mark")[day];
  // The final mark decides nothing.
  const decision = Math.min(mark, run.marks("time").length - 2);
  const asked = wishesAt(run, symbol, decision);
  const held = heldAt(run, symbol, mark);
  const time = run.days("time")[day];
  const place = run.holdings("day").findIndex((own, row) =>
    own === day && run.holdings("symbol")[row] === symbol
  );
  const price = place < 0 ? NaN : run.holdings("price")[place];
  const value = held.units === 0 ? 0 : held.units * price;
  const empty = held.units === 0 && asked.after === 0;
  const orders = newestOrders(run, symbol, asked.decidedAt);
  return [
    el("p", { class: "quiet" }, `As ${dayText(time)} ended, ${minuteText(time)} UTC.`),
    empty && el("p", {}, `Nothing of it was held or wanted: ${nearestText(run, symbol, day)}.`),
    steps(run, asked, [
      {
        title: orders.length === 0 ? "No order by then" : "The newest order",
        parts: orders.length === 0 ? [] : [orderTable(run, orders, openFill)],
      },
      heldStep(run, { symbol, held, value, day, openFill }),
    ]),
    source(run, `--symbol ${symbol} --at ${dateText(time)}`),
  ].filter(Boolean);
}

function heldStep(run, { held, value, day, openFill }) {
  const nav = run.dayNav[day];
  const parts = [...held.byModel].filter(([, units]) => units !== 0);
  return {
    title: held.units === 0
      ? "Held: nothing"
      : `Held: ${unitsText(held.units)} units, ${numberText(value)}, ${
        percentText(value / nav)
      } of NAV`,
    parts: [
      parts.length > 0 && table(
        ["Model", "Units", "Share of the position"],
        parts.map(([model, units]) => [
          shortName(model),
          unitsText(units),
          percentText(held.units === 0 ? NaN : units / held.units, 1),
        ]),
      ),
      held.fills.length > 0 && fillsOf(run, held.fills, openFill),
    ],
  };
}

const NEWEST = 12;

/** The fills and crosses that made a position. */
function fillsOf(run, fills, openFill) {
  const { bookings } = run;
  const newest = fills.slice(-NEWEST);
  const rows = newest.map(({ row, fill, model, moved }) => [
    minuteText(fill < 0 ? bookings("time")[row] : run.fills("executed_at")[fill]),
    shortName(model),
    signedText(unitsText(moved, 4)),
    numberText(bookings("price")[row]),
    fill < 0 ? "crossed inside" : el(
      "button",
      { type: "button", class: "plain", "data-fill": fill, onclick: () => openFill(fill) },
      "why?",
    ),
  ]);
  const left = fills.length - newest.length;
  return [
    table(["When (UTC)", "Model", "Units", "Price", ""], rows, [1, 4]),
    left > 0 && el("p", { class: "quiet" }, `and ${left} before them`),
  ];
}

/** Why a fill was made, and at what price. */
export function fillWhy(run, fill, { openDay }) {
  const trade = fillAt(run, fill);
  const decision = run.marks("time").indexOf(trade.decided);
  const asked = wishesAt(run, trade.symbol, decision);
  const side = trade.quantity > 0 ? "Buy" : "Sell";
  return {
    title: `${side} ${trade.symbol}, ${trade.name}`,
    parts: [
      el(
        "p",
        { class: "quiet" },
        `Executed ${minuteText(trade.executed)} UTC. `,
        el(
          "button",
          { type: "button", class: "plain", onclick: () => openDay(trade.executed) },
          "Show the day",
        ),
      ),
      steps(run, asked, [orderStep(run, trade, asked, decision), fillStep(trade)]),
      source(run, `--symbol ${trade.symbol} --at ${iso(trade.decided)}`),
    ],
  };
}

function orderStep(run, trade, asked, decision) {
  const own = trade.model === "" ? "" : ` of ${shortName(trade.model)}`;
  return {
    title: `Order: ${signedText(unitsText(trade.quantity))} units`,
    parts: [factList([
      [
        "Kind",
        `${trade.kind}${own}${trade.pessimistic ? ", the worse order of events taken" : ""}`,
      ],
      ["Held before", unitsText(trade.held)],
      ["To hold", `${unitsText(trade.target)} (${percentText(asked.after)} of NAV)`],
      ["NAV at the decision", numberText(run.marks("nav")[decision])],
      ["Risk mode", trade.mode],
    ])],
  };
}

function fillStep(trade) {
  const slip = trade.price / trade.reference - 1;
  return {
    title: `Fill: ${unitsText(Math.abs(trade.quantity))} at ${numberText(trade.price, 4)}`,
    parts: [
      factList([
        ["Bar opened", `${minuteText(trade.time)} UTC`],
        ["Market's price", numberText(trade.reference, 4)],
        [
          "Price paid",
          `${numberText(trade.price, 4)} (${signedText(numberText(slip * 1e4, 1))} bps slippage)`,
        ],
        [
          "Unadjusted",
          `${numberText(trade.price / trade.adjustment, 4)} (A = ${unitsText(trade.adjustment)})`,
        ],
        ["Money", numberText(trade.notional)],
        ["Costs", `fee ${numberText(trade.fee)}, slippage ${numberText(trade.slippage)}`],
        ["NAV just before", numberText(trade.nav)],
      ]),
      trade.parts.length > 1 && table(
        ["Model", "Units", "Share"],
        trade.parts.map(({ model, quantity }) => [
          shortName(model),
          signedText(unitsText(quantity, 4)),
          percentText(quantity / trade.quantity, 1),
        ]),
      ),
    ],
  };
}

/** From the state of the market to the target, then what followed. */
function steps(run, asked, more) {
  const row = regimeRow(run, asked.decidedAt);
  const all = [
    row >= 0 && { title: "Regimes", parts: [regimeStates(run, row)] },
    ...wishSteps(asked),
    riskStep(asked),
    ...more,
  ].filter(Boolean);
  return el(
    "ol",
    { class: "steps" },
    all.map(({ title, parts }) => el("li", {}, el("b", {}, title), parts.filter(Boolean))),
  );
}

function wishSteps({ models, decidedAt }) {
  const spoke = models.filter(({ since }) => !Number.isNaN(since));
  if (spoke.length === 0) return [{ title: "No model ever wished for it", parts: [] }];
  return spoke.map((wish) => ({
    title: `${shortName(wish.model)} ${
      wish.kept
        ? "kept its quantity"
        : `asked for ${wish.raw === 0 ? "nothing" : percentText(wish.raw)}`
    }`,
    parts: [
      factList([
        [
          "Raw weight",
          Number.isNaN(wish.raw)
            ? "not said yet"
            : `${percentText(wish.raw)} of its budget, since ${minuteText(wish.rawSince)}`,
        ],
        ["Budget", `${percentText(wish.budget)} of NAV, since ${minuteText(wish.budgetSince)}`],
        ["Before risk", percentText(wish.before)],
        ["After risk", percentText(wish.after)],
        ...hints(wish),
        ["Decision", `${minuteText(decidedAt)} UTC`],
      ]),
      sawTable(wish),
    ],
  }));
}

/** The features behind what a model said last. */
function sawTable({ saw }) {
  return saw && table(
    [`Saw ${minuteText(saw.time)}`, "Which is", "Value"],
    saw.features.map(({ name, definition, value }) => [name, definition, featureText(value)]),
    [1],
  );
}

function hints({ stop, limit, confidence, urgency, horizon }) {
  const said = [
    ["Stop", stop, 4],
    ["Limit", limit, 4],
    ["Confidence", confidence, 2],
    ["Horizon, hours", horizon, 0],
  ].filter(([, value]) => !Number.isNaN(value)).map(([name, value, digits]) => [
    name,
    numberText(value, digits),
  ]);
  return urgency === "" ? said : [...said, ["Urgency", urgency]];
}

function riskStep({ before, after, risk }) {
  return {
    title: risk.length === 0 && Math.abs(before - after) < 1e-12
      ? `Risk left ${percentText(after)} of NAV as it was`
      : `Risk made ${percentText(after)} of ${percentText(before)}`,
    parts: [
      risk.length > 0 && table(
        ["Rule", "Before", "After", "Since (UTC)"],
        risk.map((cut) => [
          cut.rule,
          percentText(cut.before),
          percentText(cut.after),
          minuteText(cut.since),
        ]),
      ),
    ],
  };
}

/** Where the same can be asked again, and what is not kept. */
function source(run, question) {
  return el(
    "p",
    { class: "quiet" },
    "The same from the command line: ",
    el("code", {}, `deno task runs attribution ${run.id} ${question}`),
    ". A run keeps what a model saw whenever it said something new; what it saw at other moments a notebook computes again from the same data.",
  );
}

function iso(time) {
  return `${minuteText(time).replace(" ", "T")}:00Z`;
}
