import { Refusal } from "../../core/errors.ts";
import { type AccountVerdict, verifyAccount } from "../../execution/account/mod.ts";
import { accountFile } from "./paper.ts";

/** Whether an account's state is what was written, and where it first is not. Refuses a name that is none. */
export async function verifyAccountState(account: string): Promise<AccountVerdict> {
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(account)) {
    return await verifyAccount(accountFile(account));
  }
  throw new Refusal(`--account: found "${account}", expected the name of an account`, {
    exitCode: 2,
  });
}

/** The verdict on a state, for a terminal. */
export function accountVerdictPage(account: string, verdict: AccountVerdict): string {
  if (!verdict.ok) {
    return `${account} is BROKEN at row ${verdict.row} of ${verdict.table}: ${verdict.reason}`;
  }
  const { seq, hash } = verdict.head;
  return `${account} is intact: ${seq} events, each after the one before, and every table follows from them\n` +
    `Head: ${hash}`;
}
