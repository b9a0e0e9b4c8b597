import { parseTime } from "../../core/clock.ts";
import { DAY_MS } from "../../core/bars.ts";
import { canonicalJson, sha256 } from "../../core/hash.ts";
import type { LifecycleEvidence } from "../../core/lifecycle.ts";
import type { Certificate } from "../../core/proofs.ts";
import type { Plan } from "../../engine/plan.ts";
import {
  cardText,
  type Deflated,
  openDatabase,
  type RunCard,
  trialResultOfCard,
} from "../../results/mod.ts";
import { type CardPlan, planFromCard } from "../card_plan.ts";
import { openRun } from "../runs.ts";
import { databaseFile } from "../trial.ts";

/** A finished run as evidence: everything is read from what is stored, nothing is computed again. */
export interface RunEvidence {
  readonly id: string;
  readonly card: RunCard;
  readonly plan: Plan;
  readonly certificate: Certificate | undefined;
  /** Whether the certificate on file is not to be believed. */
  readonly certificateDamaged: boolean;
  readonly deflated: Deflated | undefined;
  /** Sharpe ratio per day that the ledger of trials has of this run; null where it has none. */
  readonly ledgerSharpe: number | null;
  readonly experimentId: string | null;
}

/** Opens a run by any unique beginning of its id. Refuses an unknown or damaged one. */
export async function readEvidence(
  run: string,
  resultsRoot: string,
): Promise<RunEvidence> {
  const { id, card, proofs, damagedProofs, deflated } = await openRun(run, { resultsRoot });
  return {
    id,
    card,
    plan: planFromCard(card.plan as CardPlan),
    certificate: proofs.certificate,
    certificateDamaged: damagedProofs.includes("certificate"),
    deflated,
    ...await trialsOf(id, resultsRoot),
  };
}

async function trialsOf(
  id: string,
  resultsRoot: string,
): Promise<Pick<RunEvidence, "ledgerSharpe" | "experimentId">> {
  const database = await openDatabase(databaseFile(resultsRoot));
  try {
    const rows = database.listTrials({ runId: id });
    return {
      ledgerSharpe: rows.findLast((row) => row.sharpe_per_day !== null)?.sharpe_per_day ?? null,
      experimentId: rows.findLast((row) => row.experiment_id !== null)?.experiment_id ?? null,
    };
  } finally {
    database.close();
  }
}

/** What of the evidence a promotion keeps. */
export function evidenceHashes(run: RunEvidence, paper: string | null): LifecycleEvidence {
  return {
    run_id: run.id,
    card: sha256(cardText(run.card)),
    certificate: run.certificate ? sha256(canonicalJson(run.certificate)) : "",
    data_fingerprint: run.card.data.fingerprint,
    deflated_sharpe: run.deflated?.deflated_sharpe ?? null,
    trials: run.deflated?.trials ?? 0,
    experiment_id: run.experimentId,
    paper,
  };
}

/** Years from the day on which the model's first asset joined to the end of the run. */
export function yearsTraded({ card }: RunEvidence): number {
  const { end } = card.statistics.portfolio;
  const joins = card.coverage.flatMap((row) => row.joins === null ? [] : [parseTime(row.joins)]);
  if (end === null || joins.length === 0) return 0;
  return Math.max(0, (parseTime(end) - Math.min(...joins)) / (365.25 * DAY_MS));
}

/** Whether the ledger of trials has the Sharpe ratio that the card says. */
export function ledgerAgrees({ card, ledgerSharpe }: RunEvidence): boolean {
  const { sharpe } = trialResultOfCard(card);
  if (sharpe === null || ledgerSharpe === null) return false;
  // Figures of a sweep are made another way, which the last bits may show.
  return Math.abs(sharpe - ledgerSharpe) <= 1e-9 * Math.max(1, Math.abs(sharpe));
}
