import { Refusal } from "../../core/errors.ts";
import { isSamePerson } from "./approvals.ts";

/** Who acts where a rule does; no person may call themselves so. */
export const RULE_OPERATOR = "assay";

const MOST_REASON = 500;

/** An operator's id as it is kept. Refuses one that is no name, and one that the configuration does not list. */
export function operatorId(text: string, known: readonly string[] | null = null): string {
  const id = text.trim();
  if (!/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$/.test(id) || isSamePerson(id, RULE_OPERATOR)) {
    throw new Refusal(
      `--operator: found "${text}", expected who you are: at most 64 letters, digits, "_", "-", "." and "@"`,
    );
  }
  const listed = known?.find((name) => isSamePerson(name, id));
  if (known === null || listed !== undefined) return listed ?? id;
  throw new Refusal(
    `--operator: found "${id}", expected one of lifecycle.approvals.operators: ${known.join(", ")}`,
  );
}

/** Why something is done, in one line. Refuses none. */
export function checkedReason(text: string): string {
  const reason = text.trim();
  // deno-lint-ignore no-control-regex -- what would end a line of the log, or colour a terminal
  if (reason !== "" && reason.length <= MOST_REASON && !/[\u0000-\u001f\u007f]/.test(reason)) {
    return reason;
  }
  throw new Refusal(
    `--reason: found ${reason === "" ? "nothing" : `${reason.length} characters`}, ` +
      `expected one line of at most ${MOST_REASON} characters that says why`,
  );
}
