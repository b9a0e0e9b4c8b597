import { dayText, minuteText } from "./dates.js";
import { dayOf, nearestHeld } from "./day.js";
import { el, table } from "./dom.js";
import { DIMENSIONS } from "./lanes.js";
import { fillWhy, holdingWhy } from "./why_panel.js";
import { numberText, percentText, shortName, signedText, unitsText } from "./text.js";

/**
 * The panel beside the charts: a day, or why something was held or traded. It is opened by day or by fill and gives the
 * focus back to where it was.
 */
export function dayPanel(host, run, view) {
  const last = run.days("time").length - 1;
  const trail = [];
  let opener;

  function show(page, { fresh = false } = {}) {
    if (host.hidden) opener = document.activeElement;
    if (fresh) trail.length = 0;
    trail.push(page);
    paint();
  }

  function paint() {
    const { title, parts, day } = trail.at(-1)();
    const heading = el("h2", { tabindex: "-1" }, title);
    host.hidden = false;
    host.setAttribute("aria-label", title);
    host.replaceChildren(
      el(
        "header",
        {},
        trail.length > 1 && button("‹ Back", back),
        heading,
        day !== undefined && button("‹", () => step(day - 1), day <= 1, "Day before"),
        day !== undefined && button("›", () => step(day + 1), day >= last, "Day after"),
        button("✕", close, false, "Close"),
      ),
      ...parts,
    );
    host.scrollTop = 0;
    heading.focus({ preventScroll: true });
  }

  function back() {
    trail.pop();
    paint();
  }

  function step(day) {
    view.point(day);
    openDay(day);
  }

  function close() {
    if (host.hidden) return;
    host.hidden = true;
    trail.length = 0;
    opener?.focus?.({ preventScroll: true });
  }

  function openDay(day) {
    const at = Math.max(1, Math.min(last, day));
    if (last < 1) return;
    show(() => dayPage(run, at, { openWhy, openFill }), { fresh: true });
  }

  function openWhy(symbol, day) {
    show(() => ({
      title: `Why ${symbol}?`,
      parts: holdingWhy(run, { symbol, day }, { openFill }),
    }));
  }

  function openFill(fill) {
    show(() => fillWhy(run, fill, { openDay: (time) => openDay(dayAt(time)) }));
  }

  function dayAt(time) {
    return run.days("time").findIndex((end) => end > time);
  }

  host.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  return {
    openDay,
    close,
    openFill: (fill) => {
      trail.length = 0;
      openFill(fill);
    },
    openWhy,
  };
}

function button(text, onclick, disabled = false, label = undefined) {
  return el("button", { type: "button", onclick, disabled, "aria-label": label }, text);
}

function dayPage(run, day, { openWhy, openFill }) {
  const facts = dayOf(run, day);
  return {
    title: facts.label,
    day,
    parts: [
      dayFacts(facts),
      ...regimeParts(run, facts),
      el("h3", {}, "Held as the day ended"),
      holdingsPart(run, facts, openWhy),
      el("h3", {}, "P&L of the day by model"),
      table(
        ["Model", "P&L"],
        facts.pnl.map(({ model, gained }) => [shortName(model), signedText(numberText(gained))]),
      ),
      el("h3", {}, "Decisions"),
      ...decisionParts(run, facts),
      el("h3", {}, "Orders and fills"),
      ordersPart(run, facts, openFill),
    ],
  };
}

/** Pairs of a name and what it is. */
export function factList(pairs) {
  return el(
    "dl",
    { class: "facts" },
    pairs.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
  );
}

function dayFacts({ nav, change, gained, drawdown, cash, mode }) {
  return factList([
    ["NAV at the end", numberText(nav)],
    ["Change", `${signedText(numberText(change))} (${signedText(percentText(gained))})`],
    ["Below the peak", percentText(drawdown)],
    ["Cash", `${numberText(cash)} (${percentText(cash / nav, 1)})`],
    ["Risk mode", mode],
  ]);
}

/** The labels in force and the numbers they came from. */
function regimeParts(run, { regime }) {
  if (regime < 0) return [];
  return [el("h3", {}, "Regimes"), regimeStates(run, regime)];
}

const INPUTS = {
  equity: [["SPY", "spy_close", 2], ["200-day mean", "spy_sma", 2], [
    "momentum",
    "spy_momentum",
    "%",
  ]],
  volatility: [["VIX", "vix", 2], ["realised", "realised_volatility", 2]],
  crypto: [["BTC", "btc_close", 0], ["200-day mean", "btc_sma", 0], [
    "momentum",
    "btc_momentum",
    "%",
  ]],
  macro: [["PMI", "pmi", 1], ["10Y − 2Y", "slope", 2], ["days inverted", "inverted_share", "%"]],
};

/** The four regimes of one row of their table, each with its inputs. */
export function regimeStates(run, row) {
  return el(
    "ul",
    { class: "states" },
    DIMENSIONS.map((dimension) => {
      const inputs = INPUTS[dimension].map(([title, name, form]) => {
        const value = run.regimes(name)[row];
        return `${title} ${form === "%" ? percentText(value, 1) : numberText(value, form)}`;
      });
      const byDefault = run.regimes(`${dimension}_default`)[row] === 1;
      return el(
        "li",
        {},
        `${dimension} `,
        el("b", {}, run.regimes(dimension)[row]),
        byDefault && " (default)",
        el("br"),
        el("span", { class: "quiet" }, inputs.join(", ")),
      );
    }),
  );
}

function holdingsPart(run, { day, holdings }, openWhy) {
  const rest = run.symbols.filter((symbol) => !holdings.some((held) => held.symbol === symbol));
  const rows = holdings.map(({ symbol, units, price, value, weight, target, byModel }) => [
    el("span", {}, symbol, " ", whyButton(symbol, day, openWhy)),
    percentText(weight),
    percentText(target),
    unitsText(units),
    numberText(price),
    numberText(value, 0),
    [...byModel].filter(([, held]) => held !== 0)
      .map(([model, held]) => `${shortName(model)} ${unitsText(held, 4)}`).join(", "),
  ]);
  return el(
    "div",
    {},
    rows.length === 0
      ? el("p", { class: "quiet" }, "Nothing but cash, and nothing wanted.")
      : table(["Asset", "Weight", "Target", "Units", "Price", "Value", "Units by model"], rows, [
        6,
      ]),
    rest.length > 0 && el(
      "p",
      { class: "quiet" },
      "Not held: ",
      rest.map((
        symbol,
        place,
      ) => [place > 0 && ", ", symbol, " ", whyButton(symbol, day, openWhy)]),
    ),
  );
}

function whyButton(symbol, day, openWhy) {
  return el(
    "button",
    {
      type: "button",
      class: "plain",
      "data-why": symbol,
      "aria-label": `Why ${symbol}?`,
      onclick: () => openWhy(symbol, day),
    },
    "why?",
  );
}

function decisionParts(run, { decisions }) {
  if (decisions.length === 0) {
    return [el("p", { class: "quiet" }, "Nobody said anything new; earlier wishes stood.")];
  }
  return decisions.flatMap(({ time, rows, risk }) => [
    el("p", { class: "quiet" }, `${minuteText(time)} UTC`),
    table(
      ["Model", "Asset", "Raw weight", "Budget", "Before risk", "After risk"],
      rows.map((row) => wishCells(run, row)),
      [1],
    ),
    risk.length > 0 && table(
      ["Rule", "Asset", "Before", "After"],
      risk.map((row) => [
        run.risk("rule")[row],
        run.risk("symbol")[row],
        percentText(run.risk("before")[row]),
        percentText(run.risk("after")[row]),
      ]),
      [1],
    ),
  ]);
}

function wishCells({ wishes }, row) {
  const raw = wishes("raw_weight")[row];
  return [
    shortName(wishes("model")[row]),
    wishes("symbol")[row],
    Number.isNaN(raw) ? "kept" : percentText(raw),
    percentText(wishes("budget")[row]),
    percentText(wishes("weight_before_risk")[row]),
    percentText(wishes("weight_after_risk")[row]),
  ];
}

function ordersPart(run, { orders }, openFill) {
  if (orders.length === 0) return el("p", { class: "quiet" }, "None.");
  return orderTable(run, orders, openFill);
}

/** Orders and what became of them; a filled one leads to its why. */
export function orderTable(run, rows, openFill) {
  const { orders } = run;
  const cells = rows.map((row) => {
    const fill = orders("fill")[row];
    const quantity = orders("quantity")[row];
    return [
      minuteText(orders("decision_time")[row]),
      orders("symbol")[row],
      orders("model")[row] === ""
        ? orders("kind")[row]
        : `${orders("kind")[row]} of ${shortName(orders("model")[row])}`,
      signedText(unitsText(quantity)),
      fill < 0
        ? `${orders("status")[row]}: ${orders("reason")[row]}`
        : fillButton(run, fill, openFill),
    ];
  });
  return table(["Decided (UTC)", "Asset", "Kind", "Units", "Outcome"], cells, [1, 2, 4]);
}

function fillButton(run, fill, openFill) {
  return el(
    "button",
    { type: "button", class: "plain", "data-fill": fill, onclick: () => openFill(fill) },
    `filled at ${numberText(run.fills("price")[fill])}: why?`,
  );
}

/** When an asset was held nearest to a day, in words. */
export function nearestText(run, symbol, day) {
  const { before, after } = nearestHeld(run, symbol, day);
  const times = run.days("time");
  const words = [
    ...(before < 0 ? [] : [`last on ${dayText(times[before])}`]),
    ...(after < 0 ? [] : [`next on ${dayText(times[after])}`]),
  ];
  return words.length === 0 ? "it never is" : words.join(", ");
}
