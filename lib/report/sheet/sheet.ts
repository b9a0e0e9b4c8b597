import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { Proofs } from "../../core/proofs.ts";
import { deflatedOf, type LedgerCount, type RunCard } from "../../results/mod.ts";
import { figuresTable, keyFigures } from "./accounts.ts";
import { figure, section, toolbar } from "./parts.ts";
import { glossary } from "./glossary.ts";
import { jsonBlock, type Markup, markup } from "./markup.ts";
import { monthlyHeat } from "./monthly.ts";
import { clientHash, type PageClient, pageText } from "./page.ts";
import { certificateDetails, configuration, provenance } from "./provenance.ts";
import { sheetData, type SheetTables } from "./sheet_data.ts";
import { assetsTable, envelopeTable, regimesTable } from "./tables.ts";
import { verdictStrip } from "./verdicts.ts";

/** What a tear sheet is made of. */
export interface SheetSource {
  readonly card: RunCard;
  /** The bytes of `run.json` as text. */
  readonly cardText: string;
  readonly tables: SheetTables;
  /** What the run can show for itself, as far as it was made. */
  readonly proofs: Proofs;
  /** Names of proofs that are on file and not to be believed. */
  readonly damagedProofs?: readonly string[];
  /** What the ledger counts for the run as the page is written; it grows, so the page carries it. */
  readonly ledger?: LedgerCount | undefined;
}

/** The tear sheet of a run: one file that needs nothing else. Equal sources give equal text. */
export function tearSheet(source: SheetSource, client: PageClient): string {
  const { card, cardText, tables, proofs, ledger = null } = source;
  const data = sheetData(card, tables);
  const proofsText = canonicalJson(proofs);
  const ledgerText = canonicalJson(ledger);
  return pageText({
    title: `Run ${card.run_id}`,
    facts: sheetFacts({ runId: card.run_id, cardText, data, proofsText, ledgerText, client }),
    body: body(source, sha256(cardText)),
    blocks: [
      jsonBlock("assay-card", cardText),
      jsonBlock("assay-proofs", proofsText),
      jsonBlock("assay-ledger", ledgerText),
      jsonBlock("assay-data", data),
    ],
    client,
  });
}

/** The hashes in the head of a page, tied together by the last of them. */
export function sheetFacts(
  { runId, cardText, data, proofsText, ledgerText, client }: {
    readonly runId: string;
    readonly cardText: string;
    readonly data: string;
    readonly proofsText: string;
    /** Absent in a page of an earlier version. */
    readonly ledgerText?: string | undefined;
    readonly client: PageClient;
  },
): Readonly<Record<string, string>> {
  const facts = {
    run: runId,
    card: sha256(cardText),
    proofs: sha256(proofsText),
    ...(ledgerText === undefined ? {} : { ledger: sha256(ledgerText) }),
    data: sha256(data),
    client: clientHash(client),
  };
  return { page: "run", ...facts, seal: sha256(canonicalJson(facts)) };
}

function body(source: SheetSource, cardHash: string): Markup {
  const { card, tables, proofs, damagedProofs = [] } = source;
  const deflated = deflatedOf(card, source.ledger);
  const isDamaged = damagedProofs.includes("certificate");
  const { nav } = tables;
  const { plan, statistics, run_id } = card;
  const { timeframe, start, end } = plan as { timeframe?: string; start?: string; end?: string };
  const models = Object.keys(statistics.models).join(", ");
  const from = start ?? statistics.portfolio.start?.slice(0, 10) ?? "";
  const to = end ?? statistics.portfolio.end?.slice(0, 10) ?? "";
  return markup`
    <a class="skip" href="#figures">To the figures</a>
    ${toolbar(`Run ${run_id}`)}
    <main>
    <h1>${models}</h1>
    <p class="lead">${from} to ${to}, decided on ${
    timeframe ??
      "h4"
  } bars, all times UTC. Run <span class="mono">${run_id}</span></p>
    ${verdictStrip(card, proofs, { isDamaged, deflated })}
    ${keyFigures(card, proofs)}
    ${warnings(card)}
    ${
    section("performance", "Performance", [
      figure("nav", "NAV", "benchmarks bought with the same money, on the same clock"),
      figure("lanes", "Regimes", "labels in force; the tint behind NAV is the one you choose"),
      figure("drawdown", "Drawdown", "below the highest NAV so far, every mark"),
    ])
  }
    ${
    section("risk", "Risk over time", [
      markup`<div class="pair">`,
      figure("rolling", "Rolling Sharpe and Sortino", ""),
      figure("volatility", "Rolling volatility", "a year,"),
      markup`</div>`,
      markup`<h3>Returns by month</h3>`,
      monthlyHeat(nav.time, nav.nav),
      markup`<div class="pair">`,
      figure("returns", "Daily returns", "how often; VaR and CVaR at 95%"),
      figure("turnover", "Turnover", "each month, money traded ÷ 2 ÷ NAV"),
      markup`</div>`,
    ])
  }
    ${
    section("attribution", "Where it came from", [
      figure(
        "pnl",
        "P&L by model",
        "since the start, costs paid; the parts sum to the change of NAV",
      ),
      figure("exposure", "Exposure by asset", "share of NAV as each day ends"),
      figure("models", "Models", "growth of the money lent to each, start = 100, log scale"),
      markup`<h3>Assets</h3>`,
      assetsTable(card),
    ])
  }
    ${
    section("regimes", "By regime", [
      markup`<p class="quiet">A day belongs to the label in force as it begins.</p>`,
      regimesTable(card),
    ])
  }
    ${section("envelope", "The same decisions under other fills", [envelopeTable(proofs.envelope)])}
    ${
    section("trades", "Trades", [
      markup`
        <p class="quiet noprint">Choose one to see why it was made.</p>
        <div id="trades-host">
          <p class="quiet">${card.statistics.portfolio.fills} fills.</p>
        </div>
      `,
    ])
  }
    ${section("figures", "All figures", [figuresTable(card, proofs)])}
    ${
    section("certificate", "Certificate", [
      certificateDetails(proofs.certificate, { run: run_id, isDamaged }),
    ])
  }
    ${section("configuration", "Configuration", [configuration(card)])}
    ${section("provenance", "Run card", [provenance(card, cardHash), verifyNote()])}
    ${section("terms", "What the words mean", [glossary()])}
    </main>
    <aside id="panel" class="panel" hidden aria-label="Day"></aside>
    <footer>Run ${run_id}. This file holds all it shows and asks nobody for anything.</footer>
  `;
}

function verifyNote(): Markup {
  return markup`<p><code>deno task verify FILE.html</code> computes this run again from the card inside this file and compares every figure of the page with what comes out.</p>`;
}

const MOST_WARNINGS = 100;

/** What the run says of its own data and plan. */
function warnings({ warnings }: RunCard): Markup | undefined {
  if (warnings.length === 0) return undefined;
  const left = warnings.length - MOST_WARNINGS;
  return markup`<details class="warnings"><summary>${warnings.length} ${
    warnings.length === 1 ? "note" : "notes"
  } on data and plan</summary><ul>
${
    warnings.slice(0, MOST_WARNINGS).map((text) =>
      markup`
        <li>${text}</li>
      `
    )
  }</ul>${left > 0 && markup`<p>and ${left} more in the run's errors.log</p>`}</details>`;
}
