import { sha256 } from "../core/hash.ts";
import { type Plan, planText } from "../engine/plan.ts";
import { CARD_FILE, cardText, type RunCard } from "../results/mod.ts";
import { cardPlanShape, planFromCard } from "./card_plan.ts";
import { dataFingerprint } from "./load_data.ts";
import { idOfParts } from "./run_id.ts";
import type { Finding } from "./verify_finding.ts";
import {
  byName,
  count,
  fields,
  flag,
  list,
  matching,
  number,
  oneOf,
  openFields,
  type Shaped,
  text,
} from "./verify_shape.ts";

/** The parts of a card that say how its run was made: what verification starts from. */
export type VerifiedCard = Shaped<typeof cardShape>;

/** A card that was looked at by itself. */
export interface ReadCard {
  readonly findings: readonly Finding[];
  /** Card and plan, where they are what the run id was made of; without them nothing can be done again. */
  readonly sound?: { readonly card: VerifiedCard; readonly plan: Plan };
  /** Hashes of the other files, where the card holds any. */
  readonly artefacts?: Readonly<Record<string, string>>;
}

const hash = matching(/^[0-9a-f]{64}$/, "64 hex digits");
const shortHash = matching(/^[0-9a-f]{16}$/, "16 hex digits");
const leaf = matching(/^([0-9a-f]{16}( [0-9a-f]{16})*)?$/, "16 hex digits for each chunk of rows");
const seenRows = { rows: count, first: text, last: text, hash, leaves: byName(leaf) };
const fileName = matching(/^[a-z][a-z_]*\.[a-z]+$/, "the name of a run's file");
const artefacts = byName(hash, fileName);

const cardShape = openFields({
  run_id: text,
  plan: cardPlanShape,
  plan_hash: text,
  data: fields({
    fingerprint: hash,
    files: list(fields({ symbol: text, timeframe: oneOf("h4", "daily"), ...seenRows })),
    adjustments: list(fields({ symbol: text, splits_applied: flag, actions: list(text) })),
    regimes: fields({
      files: list(fields({ name: text, ...seenRows })),
      splits: list(text),
    }),
  }),
  code: fields({
    fingerprint: hash,
    artefacts: hash,
    files: count,
    deno: text,
    packages: list(text),
    modules: byName(shortHash),
  }),
  seed: number,
  sealed: flag,
  warnings: list(text),
  artefacts,
});

/** Looks at the card of run `id` alone: whether it can be read, is in its own form, and is what the id was made of. */
export function readCard(bytes: Uint8Array, id: string): ReadCard {
  let value: unknown;
  let read: string;
  try {
    read = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(read);
  } catch {
    return { findings: [cardFinding("broken JSON, expected a run card")] };
  }
  const complaint = cardShape.complaint(value, "");
  if (complaint !== undefined) {
    const known = (value as Partial<VerifiedCard> | null)?.artefacts;
    const column = complaint.slice(0, complaint.indexOf(":"));
    return {
      findings: [isOlder(value) ? OLDER : cardFinding(complaint, { column })],
      ...(known && artefacts.complaint(known, "") === undefined ? { artefacts: known } : {}),
    };
  }
  const card = value as VerifiedCard;
  const plan = planFromCard(card.plan);
  const findings = [...textFindings(read, value), ...partFindings(card, plan, id)];
  const sound = isSound(card, plan, id);
  return {
    findings: sound || findings.length > 0 ? findings : [idFinding(card, plan, id)],
    ...(sound ? { sound: { card, plan } } : {}),
    artefacts: card.artefacts,
  };
}

/** A finding about the card; `column` is a key path. */
export function cardFinding(message: string, parts: Partial<Finding> = {}): Finding {
  return { kind: "card", file: CARD_FILE, ...parts, message: `${CARD_FILE}: ${message}` };
}

/** The same value is written in one way only: other blanks, a key that is there twice or an odd number are found. */
function textFindings(read: string, value: unknown): readonly Finding[] {
  const canonical = cardText(value as RunCard);
  if (read === canonical) return [];
  const [lines, expected] = [read, canonical].map((text) => text.split("\n"));
  const odd = lines!.findIndex((line, place) => line !== expected![place]);
  const row = (odd < 0 ? lines!.length : odd) + 1; // one that ends too early lacks the next line
  return [cardFinding(`line ${row} is not written as the program writes it`, { row })];
}

const OLDER: Finding = {
  kind: "code",
  file: CARD_FILE,
  message: "the run was made by code that did not yet keep what verification needs; run it again",
};

/** Whether a card lacks all that cards hold since they can be verified. */
function isOlder(value: unknown): boolean {
  const { code, data } = (value ?? {}) as { code?: object; data?: object };
  const isThere = (part: object | undefined, name: string) =>
    typeof part === "object" && part !== null && Object.hasOwn(part, name);
  return isThere(code, "fingerprint") && isThere(data, "fingerprint") &&
    !["artefacts", "modules"].some((name) => isThere(code, name)) &&
    !["adjustments", "regimes"].some((name) => isThere(data, name));
}

/** What the parts say of each other. */
function partFindings(card: VerifiedCard, plan: Plan, id: string): readonly Finding[] {
  const pairs: readonly (readonly [path: string, found: unknown, expected: unknown])[] = [
    ["run_id", card.run_id, id],
    ["plan_hash", card.plan_hash, sha256(planText(plan))],
    ["data.fingerprint", card.data.fingerprint, dataFingerprint(card.data)],
    ["seed", card.seed, plan.seed],
  ];
  const odd = pairs.filter(([, found, expected]) => found !== expected);
  const findings = odd.map(([column, value, wanted]) => {
    const [found, expected] = [JSON.stringify(value), JSON.stringify(wanted)];
    const why = column === "run_id" ? "" : ", which follows from the card's other parts";
    const message = `${column}: found ${found}, expected ${expected}${why}`;
    return cardFinding(message, { column, found, expected });
  });
  if (card.sealed || idOf(card, plan) !== id) return findings;
  const sealed = { column: "sealed", found: "false", expected: "true" };
  return [
    ...findings,
    cardFinding("sealed: found false, expected true, as the run's id covers all its code", sealed),
  ];
}

/** Whether the card is what the run id was made of. An unsealed run is named after its outcome, known only later. */
function isSound(card: VerifiedCard, plan: Plan, id: string): boolean {
  if (card.sealed) return idOf(card, plan) === id;
  return card.plan_hash === sha256(planText(plan)) && idOf(card, plan) !== id;
}

function idOf({ data, code }: VerifiedCard, plan: Plan): string {
  return idOfParts(plan, { data: data.fingerprint, ...code });
}

function idFinding(card: VerifiedCard, plan: Plan, id: string): Finding {
  const made = idOf(card, plan);
  return cardFinding(
    `plan, data and code are those of run ${made}, expected ${id}: one of plan, plan_hash, ` +
      "data.fingerprint, code.fingerprint and code.artefacts was changed",
    { column: "run_id", found: made, expected: id },
  );
}
