/** Plays the sessions it is asked for, one at a time. */
import { type ChaosJob, type ChaosResult, play } from "./chaos.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<ChaosJob>) => void;
  postMessage(result: ChaosResult): void;
};
scope.onmessage = async ({ data: { plan } }) => {
  scope.postMessage({ plan, report: await play(plan) });
};
