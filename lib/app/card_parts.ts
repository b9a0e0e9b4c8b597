import { sha256 } from "../core/hash.ts";
import { planText } from "../engine/plan.ts";
import type { CardParts } from "../results/mod.ts";
import { cardPlan } from "./card_plan.ts";
import type { CodeFingerprint } from "./code_fingerprint.ts";
import type { LoadedData } from "./load_data.ts";
import type { LoadedPlan } from "./load_plan.ts";

/** What a request brings to the card of its run. */
export function cardParts(
  { loaded, data, code }: {
    readonly loaded: Pick<LoadedPlan, "plan" | "sealed">;
    readonly data: LoadedData;
    readonly code: CodeFingerprint;
  },
): CardParts {
  const { plan, sealed } = loaded;
  const { fingerprint, files, adjustments, regimes } = data;
  return {
    plan: cardPlan(plan),
    plan_hash: sha256(planText(plan)),
    data: cardData({ fingerprint, files, adjustments, regimes }),
    code: cardCode(code),
    seed: plan.seed,
    sealed,
    warnings: [...planWarnings(loaded), ...data.warnings],
  };
}

/** The data as a card keeps them: roots, and leaves that say where a change is. */
function cardData(
  { fingerprint, files, adjustments, regimes }: Omit<LoadedData, "assets" | "warnings">,
) {
  const { files: regimeFiles, splits } = regimes;
  return { fingerprint, files, adjustments, regimes: { files: regimeFiles, splits } };
}

/** The code as a card keeps it: the fingerprints prove that it is the same, the rest says what differs. */
export function cardCode(code: CodeFingerprint): Required<CardParts["code"]> {
  const { fingerprint, artefacts, modules, packages, deno, written } = code;
  const hashes = Object.entries({ ...modules, ...written.modules });
  return {
    fingerprint,
    artefacts,
    files: Object.keys(modules).length,
    deno,
    packages: [...new Set([...packages, ...written.packages])].sort(),
    modules: Object.fromEntries(hashes.map(([path, hash]) => [path, hash.slice(0, 16)])),
  };
}

/** What makes a result less than it seems. */
function planWarnings({ plan, sealed }: Pick<LoadedPlan, "plan" | "sealed">): string[] {
  return [
    ...(plan.fill === "same_close"
      ? ["fills are at the close the decision was made on (same_close): optimistic"]
      : []),
    ...(sealed
      ? []
      : ["a model from outside the library took part: unsealed, not reproducible by id"]),
  ];
}
