import { canonicalJson, hashColumns, sha256 } from "../core/hash.ts";
import type { RunRecord } from "../core/run_record.ts";
import { type Plan, planText } from "../engine/plan.ts";
import { type Model, ruleOf } from "../models/model.ts";
import type { CodeFingerprint } from "./code_fingerprint.ts";
import type { LoadedData } from "./load_data.ts";
import type { LoadedPlan } from "./load_plan.ts";

/** The id of the run that a plan makes on these data with this code. */
export function runIdOf(loaded: LoadedPlan, data: LoadedData, code: CodeFingerprint): string {
  return idOfParts(loaded.plan, { ...code, data: data.fingerprint });
}

/**
 * Ids of many runs on the same data with the same code. What plans share as objects is put into words once: a sweep names
 * its trials before it runs them.
 */
export function runIds(
  data: { readonly fingerprint: string },
  code: Pick<CodeFingerprint, "fingerprint" | "artefacts">,
): (plan: Plan) => string {
  const known = new WeakMap<object, string>();
  // `canonicalJson` by hand, which walks into nothing that it has seen.
  const textOf = (value: unknown): string => {
    if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
    let text = known.get(value);
    if (text === undefined) {
      known.set(value, text = Array.isArray(value) ? list(value) : map(value));
    }
    return text;
  };
  const list = (items: readonly unknown[]) => `[${items.map(textOf).join()}]`;
  const map = (record: object) => {
    const entries = Object.entries(record).filter(([, value]) => value !== undefined);
    return `{${
      inOrder(entries).map(([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`).join()
    }}`;
  };
  const { fingerprint, artefacts } = code;
  const head = `{"artefacts":${JSON.stringify(artefacts)},"code":${JSON.stringify(fingerprint)},` +
    `"data":${JSON.stringify(data.fingerprint)},"plan":`;
  return (plan) => sha256(`${head}${JSON.stringify(textOf(plan))}}`).slice(0, 16);
}

/** Keys as `canonicalJson` has them: whole numbers by size, then the others by code unit. */
function inOrder(entries: [string, unknown][]): [string, unknown][] {
  const isWhole = (key: string) => /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1;
  return entries.sort(([a], [b]) =>
    isWhole(a) && isWhole(b)
      ? Number(a) - Number(b)
      : isWhole(a) !== isWhole(b)
      ? isWhole(a) ? -1 : 1
      : a < b
      ? -1
      : 1
  );
}

/** The same id from the parts as a card keeps them. */
export function idOfParts(
  plan: Plan,
  parts: { readonly data: string; readonly fingerprint: string; readonly artefacts: string },
): string {
  const { data, fingerprint, artefacts } = parts;
  return idFrom({ plan: planText(plan), data, code: fingerprint, artefacts });
}

/** What a run with code from outside the library is called in the record of trials while its result is not known. */
export function askedIdOf(loaded: LoadedPlan, data: LoadedData, code: CodeFingerprint): string {
  const models = loaded.models.map((model) => visibleCode(model, loaded));
  return idFrom({ run: runIdOf(loaded, data, code), models });
}

/** The id of a run with code from outside the library, known with its result: another result has another id. */
export function outcomeIdOf(
  loaded: LoadedPlan,
  data: LoadedData,
  { code, record }: { code: CodeFingerprint; record: RunRecord },
): string {
  return idFrom({ run: runIdOf(loaded, data, code), outcome: hashRecord(record) });
}

/** What can be seen of a model's code: enough to tell two apart in the record of trials, most times. */
function visibleCode({ name, decide, features }: Model, { plan }: LoadedPlan) {
  const { parameters } = plan.models.find((planned) => planned.name === name)!;
  const declared = Object.entries(features(parameters)).map(([key, feature]) =>
    `${key}: ${feature.timeframe}.${feature.name}`
  );
  return { name, declared, decide: String(ruleOf(decide) ?? decide) };
}

function hashRecord(
  { markTimes, nav, cash, closes, fillFactors, features, ...lists }: RunRecord,
): string {
  const seen = features.flatMap(({ indexes, assets, values }) => [
    ...[indexes, assets].map((places) => Float64Array.from(places)),
    values,
  ]);
  const columns = hashColumns([markTimes, nav, cash, ...closes, fillFactors, ...seen]);
  const names = features.map((record) => record.names);
  return sha256(canonicalJson({ columns, lists: { ...lists, features: names } }));
}

function idFrom(parts: Readonly<Record<string, unknown>>): string {
  return sha256(canonicalJson(parts)).slice(0, 16);
}
