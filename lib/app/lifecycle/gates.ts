import type { LifecycleSettings } from "../../config/mod.ts";
import { canonicalJson } from "../../core/hash.ts";
import type { GateCheck, LifecycleEvidence, ModelBinding } from "../../core/lifecycle.ts";
import type { ModelCode } from "../model_fingerprint.ts";
import { bindingOf, shareText, short } from "./binding.ts";
import { ledgerAgrees, type RunEvidence, yearsTraded } from "./evidence.ts";
import type { PaperRecord } from "./paper_record.ts";

/** The model as it is configured now. */
export interface GateSubject {
  readonly name: string;
  readonly binding: ModelBinding;
  readonly code: ModelCode;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** research → candidate: whether a run is one of this very model, and whether it is good enough. */
export function candidateChecks(
  subject: GateSubject,
  run: RunEvidence,
  settings: LifecycleSettings["candidate"],
): readonly GateCheck[] {
  const identity = identityChecks(subject, run);
  // Figures of another model say nothing of this one.
  const isOwn = run.plan.models.some(({ name }) => name === subject.name);
  return isOwn ? [...identity, ...figureChecks(run, settings)] : identity;
}

function identityChecks(subject: GateSubject, run: RunEvidence): readonly GateCheck[] {
  const { name, binding } = subject;
  const names = run.plan.models.map((model) => model.name);
  const alone = check(
    "a run of it alone",
    names.join(", "),
    name,
    canonicalJson(names) === canonicalJson([name]),
  );
  const sealed = check(
    "code that a fingerprint covers",
    run.card.sealed ? "sealed" : "unsealed",
    "sealed",
    run.card.sealed,
  );
  if (!names.includes(name)) return [alone, sealed];
  const found = bindingOf(run.plan, name, binding.code);
  const same = (what: string, key: "version" | "timeframe" | "missing") =>
    check(what, found[key], binding[key], found[key] === binding[key]);
  return [
    alone,
    sealed,
    same("semantic version", "version"),
    codeCheck(subject, run),
    parameterCheck(subject, run),
    check(
      "universe",
      found.universe.join(", "),
      binding.universe.join(", "),
      canonicalJson(found.universe) === canonicalJson(binding.universe),
    ),
    same("timeframe", "timeframe"),
    same("missing values", "missing"),
    check(
      "budget",
      shareText(found.budget),
      `at least ${shareText(binding.budget)}, as configured`,
      found.budget >= binding.budget - 1e-9,
    ),
  ];
}

/** Whether the run was made by the model's code as it is now. */
function codeCheck({ code }: GateSubject, { card }: RunEvidence): GateCheck {
  const modules = card.code.modules ?? {};
  const odd = Object.keys(code.modules).sort()
    .find((path) => modules[path] !== code.modules[path]!.slice(0, 16));
  const lacking = code.packages.find((name) => !card.code.packages.includes(name));
  const found = odd === undefined && lacking === undefined
    ? short(code.fingerprint)
    : `another ${odd ?? lacking}`;
  return check("code", found, short(code.fingerprint), odd === undefined && lacking === undefined);
}

function parameterCheck({ name, parameters }: GateSubject, { plan }: RunEvidence): GateCheck {
  const own = plan.models.find((model) => model.name === name)!.parameters;
  const names = [...new Set([...Object.keys(own), ...Object.keys(parameters)])].sort();
  const odd = names.filter((key) =>
    canonicalJson(own[key] ?? null) !== canonicalJson(parameters[key] ?? null)
  );
  const list = (values: Readonly<Record<string, unknown>>) =>
    odd.map((key) => `${key} ${JSON.stringify(values[key])}`).join(", ");
  return odd.length === 0
    ? check("parameters", "as configured", "as configured", true)
    : check("parameters", list(own), list(parameters), false);
}

function figureChecks(
  run: RunEvidence,
  settings: LifecycleSettings["candidate"],
): readonly GateCheck[] {
  const { portfolio } = run.card.statistics;
  return [
    auditCheck(run),
    check(
      "trial on record",
      ledgerAgrees(run) ? "as the card says" : "another Sharpe ratio, or none",
      "as the card says",
      ledgerAgrees(run),
    ),
    least("Sharpe", portfolio.sharpe, settings.min_sharpe, numberText),
    most("max drawdown", portfolio.max_drawdown, settings.max_drawdown, percentText),
    least("CAGR", portfolio.cagr, settings.min_cagr, percentText),
    least("trades", portfolio.round_trips, settings.min_trades, String),
    least("years", yearsTraded(run), settings.min_years, numberText),
    ...deflatedChecks(run.deflated, settings.min_deflated_sharpe),
  ];
}

/** Whether a Sharpe ratio is good enough after all trials on record; no line where `wanted` is null. */
export function deflatedChecks(
  deflated: Pick<LifecycleEvidence, "deflated_sharpe" | "trials"> | undefined,
  wanted: number | null,
): readonly GateCheck[] {
  if (wanted === null) return [];
  const { deflated_sharpe = null, trials = 0 } = deflated ?? {};
  const name = `deflated Sharpe after ${trials} ${trials === 1 ? "trial" : "trials"}`;
  return [least(name, deflated_sharpe, wanted, numberText)];
}

function auditCheck({ certificate, certificateDamaged }: RunEvidence): GateCheck {
  const found = certificateDamaged ? "a damaged certificate" : certificate?.verdict ?? "none";
  return check(
    "look-ahead audit",
    found,
    "passed",
    !certificateDamaged && certificate?.verdict === "passed",
  );
}

/** candidate → paper, beside the approvals: the same model on the same evidence, an account and its money. */
export function paperChecks(
  { binding }: Pick<GateSubject, "binding">,
  { paper }: Pick<LifecycleSettings, "paper">,
): readonly GateCheck[] {
  return [
    configured("lifecycle.paper.account", paper.account),
    configured("lifecycle.paper.budget_of_live_nav", paper.budget_of_live_nav || null),
    check("budget of the model", shareText(binding.budget), "above 0", binding.budget > 0),
  ];
}

/** paper → live, beside the approvals: what paper trading showed, and the limits of live trading. */
export function liveChecks(
  record: Omit<PaperRecord, "hash"> | undefined,
  { live }: Pick<LifecycleSettings, "live">,
): readonly GateCheck[] {
  return [
    check(
      "record of paper trading",
      record ? `${record.first} to ${record.last} on ${record.account}` : "none",
      "one since the promotion to paper",
      record !== undefined,
    ),
    least("days of paper trading", record?.days ?? 0, live.min_days, String),
    least("trades in paper", record?.trades ?? 0, live.min_trades, String),
    least("Sharpe in paper", record?.sharpe ?? null, live.min_sharpe, numberText),
    most("max drawdown in paper", record?.max_drawdown ?? null, live.max_drawdown, percentText),
    configured("lifecycle.live.account", live.account),
    configured("lifecycle.live.max_notional", live.max_notional),
  ];
}

/** The lines of a gate that are not fulfilled. */
export function lackingOf(checks: readonly GateCheck[]): readonly GateCheck[] {
  return checks.filter(({ passed }) => !passed);
}

/** Whether enough different people have approved; `by` are those whose word stands. */
export function approvalCheck(
  by: readonly string[],
  { needed, hours }: { readonly needed: number; readonly hours: number },
): GateCheck {
  const people = needed === 1 ? "1 person" : `${needed} different people within ${hours} h`;
  return check("approvals", by.length === 0 ? "none" : by.join(", "), people, by.length >= needed);
}

function check(name: string, found: string, expected: string, passed: boolean): GateCheck {
  return { name, found, expected, passed };
}

function configured(path: string, value: string | number | null): GateCheck {
  return check(path, value === null ? "null" : String(value), "configured", value !== null);
}

function least(
  name: string,
  value: number | null,
  bound: number,
  show: (value: number) => string,
): GateCheck {
  const passed = value !== null && value >= bound;
  return check(name, value === null ? "undefined" : show(value), `at least ${show(bound)}`, passed);
}

function most(
  name: string,
  value: number | null,
  bound: number,
  show: (value: number) => string,
): GateCheck {
  const passed = value !== null && value <= bound;
  return check(name, value === null ? "undefined" : show(value), `at most ${show(bound)}`, passed);
}

function numberText(value: number): string {
  return String(Number(value.toFixed(4)));
}

function percentText(fraction: number): string {
  return `${Number((100 * fraction).toFixed(3))} %`;
}
