import { BASE, type DecisionSight, sightAfter, sightChange } from "../../engine/trading/mod.ts";
import type { Account } from "../../execution/account/mod.ts";

/** Decisions between two journalled sights that need none before them: a month of them. */
const BASE_EVERY = 180;

/** Says what a decision saw in as few words as its account's chain allows. */
export interface SightJournal {
  /** What to write down with a decision that saw `now`; the next one is told against it. */
  textOf(now: DecisionSight): string;
}

/** Goes on where the chain has got to, which is read back to where nothing older is needed. */
export function sightJournal(account: Pick<Account, "inputTexts">): SightJournal {
  let seq = 0;
  let sinceBase = 0;
  let sight: DecisionSight | undefined;
  return {
    textOf(now) {
      // Asked each time: a decision that could not be written down must not be taken for one that was.
      for (const link of account.inputTexts(seq)) {
        sinceBase = link.text.startsWith(BASE) ? 1 : sinceBase + 1;
        sight = sightAfter(sight, link.text);
        seq = link.seq;
      }
      return sightChange(sinceBase < BASE_EVERY ? sight : undefined, now);
    },
  };
}
