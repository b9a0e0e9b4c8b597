import type { Certificate, Envelope, Proofs } from "../../core/proofs.ts";
import type { Deflated, RunCard } from "../../results/mod.ts";
import { GATE } from "../../stats/gate.ts";
import { deflatedText, luckText, trialsText } from "../deflated_lines.ts";
import { formatNumber, formatPercent } from "../format.ts";
import { capitalized } from "../trial_figure_text.ts";
import { numbers } from "./accounts.ts";
import { type Markup, markup } from "./markup.ts";

/** How far something is to be believed; `none` where nobody has looked. */
export type State = "good" | "warn" | "bad" | "none";

/** One answer of the strip on top of a page. */
export interface Verdict {
  readonly label: string;
  readonly state: State;
  readonly headline: string;
  readonly detail: string;
}

const SIGNS: Readonly<Record<State, string>> = { good: "✓", warn: "!", bad: "✕", none: "–" };

/**
 * What a reader must know before the figures: whether they saw the future, and live off fills, luck or a notebook.
 * `isDamaged`: there is a certificate on file that is not to be believed.
 */
export function verdictStrip(
  card: RunCard,
  proofs: Proofs,
  { isDamaged = false, deflated }: {
    readonly isDamaged?: boolean;
    readonly deflated?: Deflated | undefined;
  } = {},
): Markup {
  const verdicts = [
    proofs.certificate ? causality(proofs.certificate) : notAudited(card.run_id, isDamaged),
    fills(card, proofs.envelope),
    chance(card, proofs),
    search(deflated),
    origin(card),
    limits(card),
  ];
  return strip(verdicts);
}

/** Verdicts side by side. */
export function strip(verdicts: readonly Verdict[]): Markup {
  return markup`<div class="verdicts">
${
    verdicts.map(({ label, state, headline, detail }) =>
      markup`
        <div
          class="verdict ${state}"><b>${label}</b><strong><span class="sign">${
        SIGNS[
          state
        ]
      }</span>${headline}</strong><p>${detail}</p></div>
      `
    )
  }</div>`;
}

function notAudited(run: string, isDamaged: boolean): Verdict {
  const label = "Look-ahead";
  if (isDamaged) {
    return {
      ...{ label, state: "warn", headline: "Certificate damaged" },
      detail: `The certificate on file is damaged; deno task audit ${run} makes it anew.`,
    };
  }
  return {
    ...{ label, state: "none", headline: "Not audited" },
    detail: `deno task audit ${run} makes the certificate.`,
  };
}

function causality({ verdict, checkpoints, compared, findings }: Certificate): Verdict {
  const label = "Look-ahead";
  const [first] = findings;
  if (verdict === "failed") {
    return {
      ...{ label, state: "bad", headline: "Failed" },
      detail: first
        ? `${first.what} of ${first.where} is not the same under another future: ${
          first.found || "nothing"
        } in place of ${first.expected || "nothing"}.`
        : "The past changed with the future.",
    };
  }
  const scope = `At ${checkpoints.length} moments all that came later was cut off and spoilt: ${
    [
      `${formatNumber(compared.feature_values, 0)} feature values`,
      `${formatNumber(compared.decisions, 0)} decisions`,
      `${formatNumber(compared.fills, 0)} fills`,
    ].join(", ")
  } stayed the same, bit for bit.`;
  return verdict === "optimistic"
    ? { label, state: "warn", headline: "No future seen, optimistic fills", detail: scope }
    : { label, state: "good", headline: "No future was seen", detail: scope };
}

function fills({ plan }: RunCard, envelope: Envelope | undefined): Verdict {
  const { fill = "next_open" } = plan as { fill?: string };
  const optimistic = fill === "same_close";
  const label = optimistic ? "Fills at the close decided on" : "Fills at the next open";
  if (!envelope) {
    return {
      ...{ label, state: optimistic ? "warn" : "none", headline: "Other fills not tried" },
      detail: optimistic
        ? "The price was known when it was decided on: optimistic."
        : "The same backtest makes the fill envelope.",
    };
  }
  const ratios = envelope.members.flatMap(({ sharpe }) => sharpe === null ? [] : [sharpe]);
  const range = ratios.length === 0
    ? "No Sharpe ratio is defined."
    : `Sharpe ${formatNumber(Math.min(...ratios))} to ${formatNumber(Math.max(...ratios))} ` +
      `over ${envelope.members.length} ways to fill the same decisions.`;
  return {
    label,
    state: envelope.headline !== null || optimistic ? "warn" : "good",
    headline: envelope.headline ?? "Holds under other fills",
    detail: range,
  };
}

/** Five in a hundred, as everywhere in the book. */
const UNLIKELY = 0.05;

function chance({ statistics }: RunCard, { luck }: Proofs): Verdict {
  const sharpe = statistics.portfolio.sharpe;
  const headline = `Sharpe ${formatNumber(sharpe)}`;
  if (!luck) {
    return {
      ...{ label: "Luck", state: "none", headline },
      detail: "No interval was made for this run.",
    };
  }
  const { portfolio, confidence } = luck;
  const { low } = portfolio.sharpe;
  const p = portfolio.permutation?.p_value ?? null;
  const convincing = low !== null && low > 0 && p !== null && p <= UNLIKELY;
  return {
    label: "Luck",
    state: convincing ? "good" : "warn",
    headline: `${headline}, p ${formatNumber(p, 3)}`,
    detail: `${formatPercent(confidence, 0)} between ${numbers(portfolio.sharpe)}. ` +
      (portfolio.permutation
        ? `The same decisions on shuffled days: ${
          formatNumber(portfolio.permutation.shuffled_mean)
        } on average.`
        : "There is nothing to shuffle."),
  };
}

/** What is left when all is counted that was tried; the ledger may have grown since. */
function search(deflated: Deflated | undefined): Verdict {
  const label = "Search";
  if (!deflated) {
    return {
      ...{ label, state: "none", headline: "Trials not counted" },
      detail: "No ledger of trials was there when this was written.",
    };
  }
  const { family_trials, deflated_sharpe } = deflated;
  const passes = deflated_sharpe !== null && deflated_sharpe >= GATE.deflatedSharpe;
  return {
    ...{ label, state: passes ? "good" : "warn" },
    headline: `Deflated Sharpe ${deflatedText(deflated)}`,
    detail:
      `${capitalized(luckText(deflated))}. All trials with a model and a symbol in common count, ` +
      `in any timeframe; ${
        trialsText(family_trials)
      } of exactly these models on these assets were on record when this was written.`,
  };
}

function origin({ sealed, code }: RunCard): Verdict {
  return sealed
    ? {
      ...{ label: "Code", state: "good", headline: "Sealed" },
      detail: `Every model lives in the library; data, plan and ${
        formatNumber(code.files, 0)
      } modules are in the run's name.`,
    }
    : {
      ...{ label: "Code", state: "warn", headline: "Unsealed" },
      detail: "A model from outside the library took part, so nobody else can compute this run.",
    };
}

function limits({ modes, statistics }: RunCard): Verdict {
  const label = "Drawdown limits";
  const depth = `Largest drawdown ${formatPercent(statistics.portfolio.max_drawdown)}.`;
  const halts = modes.filter(({ mode }) => mode === "HALT");
  const cuts = modes.filter(({ mode }) => mode === "REDUCED");
  if (halts.length > 0) {
    return {
      ...{ label, state: "bad" },
      headline: `Halted ${times(halts.length)}`,
      detail: `First on ${halts[0]!.time.slice(0, 10)}. ${depth}`,
    };
  }
  if (cuts.length > 0) {
    return {
      ...{ label, state: "warn" },
      headline: `Reduced ${times(cuts.length)}`,
      detail: `First on ${cuts[0]!.time.slice(0, 10)}. ${depth}`,
    };
  }
  return { label, state: "good", headline: "Never reached", detail: depth };
}

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}
