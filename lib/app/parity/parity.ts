import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Millis } from "../../core/bars.ts";
import { parseDate } from "../../core/clock.ts";
import { Refusal } from "../../core/errors.ts";
import type { ParityReport } from "../../core/parity_report.ts";
import {
  centSteps,
  climbLadder,
  difference,
  explain,
  type Explanation,
  inCents,
  type Ladder,
  type MarketData,
  RUNGS,
  type SessionJournal,
  sessionJournal,
} from "../../engine/parity/mod.ts";
import type { Plan } from "../../engine/plan.ts";
import { sightAfter } from "../../engine/trading/mod.ts";
import type { DecisionSight } from "../../engine/trading/mod.ts";
import { readAccountEvents, verifyAccount } from "../../execution/account/mod.ts";
import { MODELS } from "../../models/mod.ts";
import type { Model } from "../../models/model.ts";
import { decisionFingerprint } from "../code_fingerprint.ts";
import { loadData } from "../load_data.ts";
import { FIRST_DATE, LAST_DATE, loadPlan } from "../load_plan.ts";
import { inProject } from "../project.ts";
import { FIRST_PAPER_CONFIG } from "../trade/paper_task.ts";
import { reviewOf } from "./review.ts";

/** What a session is compared with, and which part of it. */
export interface ParityOptions {
  /** `state` of the project when left out. */
  readonly stateFolder?: string;
  /** `data` of the project when left out. */
  readonly dataRoot?: string;
  /** Decisions with closes in [from, until); all of them when left out. */
  readonly from?: Millis | undefined;
  readonly until?: Millis | undefined;
  /** Configuration files over the base, by whose `lifecycle` the models are judged and beside whose costs those of the fills stand; the one for a start when left out. */
  readonly files?: readonly string[];
  /** The models that ship with the library when left out. */
  readonly models?: readonly Model[];
}

/**
 * Replays a session from its journal and climbs from the backtest of the same plan to its account, one swapped assumption
 * at a time. Refuses a session that is unknown, damaged, or without decisions in the range.
 */
export async function parity(session: string, options: ParityOptions = {}): Promise<ParityReport> {
  const { models = MODELS, from, until } = options;
  const file = await sessionFile(session, options.stateFolder ?? inProject("state"));
  const { config: { lifecycle, execution } } = await loadPlan(
    options.files?.length ? options.files : [inProject(FIRST_PAPER_CONFIG)],
  );
  const verdict = await verifyAccount(file);
  if (!verdict.ok) {
    throw new Refusal(
      `Cannot compare ${session}: its journal is damaged at row ${verdict.row} of ${verdict.table}: ${verdict.reason}`,
    );
  }
  const events = await readAccountEvents(file);
  const journal = sessionJournal(events);
  const opening = events.map(({ event }) => event).find((event) => event.kind === "opened");
  if (!opening || journal.decisions.length === 0) {
    throw new Refusal(`Cannot compare ${session}: found no decision in it, expected one or more`);
  }
  const codeHash = await decisionFingerprint();
  const isPaperVenue = opening.venue === "paper";
  const stored = await storedFor(journal, models, options.dataRoot ?? inProject("data"));
  const ladder = climbLadder({ journal, stored, models, isPaperVenue, from, until });
  const explanation = explain(ladder, { journal, codeHash, isPaperVenue });
  return {
    ...{ session, venue: opening.venue, mode: opening.mode },
    ...inMoney(ladder, explanation),
    decisions: decisionsOf(explanation),
    beginsFlat: ladder.beginsFlat,
    curves: curvesOf(ladder),
    review: reviewOf(ladder, journal, {
      ...{ models, execution, account: session, mode: opening.mode, lifecycle },
    }),
  };
}

/** The file of a session: an account of that name, or a replay's. */
async function sessionFile(session: string, folder: string): Promise<string> {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(session)) {
    throw new Refusal(`SESSION: found "${session}", expected the name of an account`, {
      exitCode: 2,
    });
  }
  const places = [join(folder, `${session}.db`), join(folder, "replay", `${session}.db`)];
  for (const place of places) {
    if (await stat(place).then((found) => found.isFile(), () => false)) return place;
  }
  const names = (await Promise.all(
    [folder, join(folder, "replay")].map((place) => readdir(place).catch(() => [])),
  )).flat().filter((name) => name.endsWith(".db") && !name.endsWith(".paper.db"))
    .map((name) => name.slice(0, -3)).sort();
  const known = names.length > 0
    ? `expected one of ${names.join(", ")}`
    : "no session has been traded yet";
  throw new Refusal(`Cannot compare ${session}: found no state of it in ${folder}, ${known}`);
}

/** The data that are stored now, as far as there are any; without them the session stands on what it saw. */
async function storedFor(
  { decisions }: SessionJournal,
  models: readonly Model[],
  dataRoot: string,
): Promise<MarketData | undefined> {
  const sight = decisions.reduce<DecisionSight | undefined>(
    (before, { sightText }) => sightAfter(before, sightText),
    undefined,
  )!;
  const plan: Plan = { ...sight.plan, start: parseDate(FIRST_DATE), end: parseDate(LAST_DATE) };
  try {
    const { assets, regimes } = await loadData({ plan, models, dataRoot });
    return { assets, regimes: regimes.data };
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

function inMoney({ opening, closing, navs, remainder }: Ladder, { rungs }: Explanation) {
  const steps = centSteps([opening.nav, ...navs, closing.nav]);
  return {
    opening: { ...opening, cents: inCents(opening.nav) },
    closing: { ...closing, cents: inCents(closing.nav) },
    backtest: { nav: navs[0]!, amount: difference(opening.nav, navs[0]!), cents: steps[0]! },
    rungs: rungs.map(({ id, title, swapped, amount, nav, instances }, place) => ({
      ...{ id, title, swapped, amount, nav, instances, cents: steps[place + 1]! },
    })),
    remainder,
    remainderCents: steps.at(-1)!,
  };
}

function decisionsOf({ decisions }: Explanation): ParityReport["decisions"] {
  const { first, ...rest } = decisions;
  const title = RUNGS.find(({ id }) => id === first?.rung)?.title ?? "";
  return { ...rest, first: first && { time: first.time, text: first.text, title } };
}

function curvesOf({ closes, backtest, closing }: Ladder): ParityReport["curves"] {
  const decided = closes.flatMap(({ time, decision }) =>
    decision ? [[time, Number(decision.nav)] as const] : []
  );
  const account = [
    ...decided.filter(([time]) => time < closing.time),
    [closing.time, Number(closing.nav)] as const,
  ];
  return {
    backtest: { times: [...backtest.times], nav: [...backtest.nav] },
    account: { times: account.map(([time]) => time), nav: account.map(([, nav]) => nav) },
  };
}
