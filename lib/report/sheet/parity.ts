import type { ParityReport } from "../../core/parity_report.ts";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import { charts } from "../charts/mod.ts";
import { formatMinute, formatNumber } from "../format.ts";
import {
  COST_ALIGN,
  COST_HEADER,
  costCells,
  decisionLines,
  expectationLine,
  instanceText,
  SHORTFALL_HEADER,
  shortfallCells,
  statementRows,
} from "../parity_page.ts";
import { embeddedCharts } from "./embedded_charts.ts";
import { jsonBlock, type Markup, markup } from "./markup.ts";
import { clientHash, type PageClient, pageText } from "./page.ts";
import { section, toolbar } from "./parts.ts";
import { dataTable, plainTable } from "./tables.ts";

/** Most things that are told of one rung on a page. */
const MOST_TOLD = 50;

const SUMS = ["delay", "execution", "fees", "unfilled", "total", "turnover"] as const;

/** The page of a session: statement, review, and what every line means, in one file without a script. */
export async function paritySheet(
  report: ParityReport,
  { style }: Pick<PageClient, "style">,
): Promise<string> {
  const drawn = [await charts.parity(report), await charts.expectation(report)] as const;
  const embedded = embeddedCharts(drawn);
  const client: PageClient = { script: "", style: style + embedded.style };
  const text = canonicalJson(report);
  const [way, expected] = drawn.map(embedded.figure);
  return pageText({
    title: `Session ${report.session}`,
    facts: {
      page: "session",
      session: report.session,
      report: sha256(text),
      client: clientHash(client),
    },
    body: body(report, { way: way!, expected: expected! }),
    blocks: [jsonBlock("assay-parity", text)],
    client,
  });
}

function body(
  report: ParityReport,
  { way, expected }: { readonly way: Markup; readonly expected: Markup },
): Markup {
  const { session, venue, mode, opening, closing, rungs, review } = report;
  const { totals, shortfall, costs, drift, stages } = review;
  const money = (text: string) => formatNumber(Number(text), 2);
  const told = rungs.filter(({ instances }) => instances.length > 0);
  return markup`<a class="skip" href="#statement">To the statement</a>
${toolbar(`Session ${session}`)}
<main>
<h1>${session}</h1>
<p class="lead">${venue} (${mode}), ${formatMinute(opening.time)} to ${
    formatMinute(closing.time)
  } UTC.</p>
${
    section("statement", "From the backtest to the account", [
      dataTable({ header: ["", "Amount", "Count"], rows: statementRows(report), align: [] }),
      markup`<ul>${decisionLines(report).map((line) => markup`<li>${line}</li>\n`)}</ul>`,
      way,
    ])
  }
${
    section("expectation", "What was to be expected", [
      markup`<p>${expectationLine(report)}.</p>`,
      expected,
    ])
  }
${
    section("shortfall", "What the orders cost", [
      dataTable({
        header: ["", "Delay", "Execution", "Fees", "Unfilled", "Together", "Traded"],
        rows: [["All orders", ...SUMS.map((name) => money(totals[name]))]],
        align: [],
      }),
      markup`<p class="quiet">Implementation shortfall (Perold 1988): from the close of the decision until the order left, from there to its fills, fees, and what unfilled units would have earned until the end. Costs are positive.</p>`,
      dataTable({
        header: SHORTFALL_HEADER,
        rows: shortfall.map(shortfallCells),
        align: ["left", "left", "left"],
      }),
    ])
  }
${
    section("costs", "Costs of own fills beside the configured ones", [
      costs.length === 0 ? markup`<p class="quiet">No order was filled.</p>` : dataTable({
        header: COST_HEADER,
        rows: costs.map(costCells),
        align: COST_ALIGN,
      }),
      markup`<p class="quiet">Basis points of the money traded, mean over orders; slippage against the price at which an order was sized. The interval is a bootstrap over orders. A proposal draws the mean toward the present setting; it is applied by nobody but a person.</p>`,
    ])
  }
${
    section("drift", "Drift", [
      drift.length === 0
        ? markup`<p class="quiet">Ledger and venue always agreed.</p>`
        : markup`<ul>${drift.map((one) => markup`<li>${instanceText(one)}</li>\n`)}</ul>`,
    ])
  }
${
    section("stages", "What the evidence says of the models", [
      plainTable(
        ["Model", "Advice", "Because"],
        stages.map(({ model, advice, reasons }) => [model, advice, reasons.join("; ")]),
      ),
      markup`<p class="quiet">Thresholds of paper to live, and of automatic demotion, as configured. Advice decides nothing: a promotion needs its own command and its approvals.</p>`,
    ])
  }
${
    section("differences", "Every difference", [
      told.length === 0
        ? markup`<p class="quiet">The session kept every assumption of the backtest.</p>`
        : told.map(({ title, instances }) =>
          markup`<h3>${title}</h3>\n<ul>${
            instances.slice(0, MOST_TOLD).map((one) => markup`<li>${instanceText(one)}</li>\n`)
          }</ul>${
            instances.length > MOST_TOLD &&
            markup`<p class="quiet">and ${instances.length - MOST_TOLD} more</p>`
          }`
        ),
    ])
  }
${
    section("terms", "What the lines mean", [
      markup`<p>Each line is an account of its own that lives through the whole range: it decides with the models' own code on its own holdings, with this assumption and all above it taken from the session and all below it from the backtest. Its amount is its closing NAV less that of the line above, so the amounts add up to the last digit.</p>
<dl>${rungs.map(({ title, swapped }) => markup`<dt>${title}</dt><dd>${swapped}</dd>\n`)}</dl>`,
    ])
  }
</main>
<footer>Session ${session}. This file holds all it shows, runs no script and asks nobody for anything.</footer>
`;
}
