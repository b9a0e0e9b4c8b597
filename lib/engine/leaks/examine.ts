import type { AuditFinding, Certificate, LeakResult } from "../../core/proofs.ts";
import { audit } from "../audit/audit.ts";
import { rehearsable } from "../simulate.ts";
import { LEAKS } from "./mod.ts";
import type { Leak, Subject } from "./leak.ts";

/** Audits every planted leak and its clean twin. */
export function examineLeaks(
  leaks: readonly Leak[] = LEAKS,
  { checkpoints }: { checkpoints?: number } = {},
): readonly LeakResult[] {
  const certify = (subject: Subject) => certificateOf(subject, checkpoints);
  return leaks.map(({ name, kind, what, leaky, clean }) => {
    const [found] = certify(leaky()).findings;
    const [alarm] = certify(clean()).findings;
    return {
      name,
      kind,
      what,
      caught: found !== undefined,
      how: found ? inWords(found) : "",
      falseAlarm: alarm !== undefined,
      ...(alarm && { alarm: inWords(alarm) }),
    };
  });
}

/** The certificate of one run, made by the very models that are audited. */
export function certificateOf(
  { request, models, steps }: Subject,
  checkpoints?: number,
): Certificate {
  const surroundings = steps ? { steps } : {};
  const run = rehearsable(request, models, surroundings);
  return audit(run, models, {
    ...surroundings,
    ...(checkpoints !== undefined && { checkpoints }),
  });
}

function inWords({ what, where, variant, checkpoint }: AuditFinding): string {
  return `${what} of ${where}, ${variant} at ${checkpoint.slice(0, 16).replace("T", " ")}`;
}
