import { deepStrictEqual, match } from "node:assert/strict";
import type { Deflated } from "../results/mod.ts";
import { deflatedLines } from "./deflated_lines.ts";

const deflated: Deflated = {
  ...{ family: "A+B", data_set: "BTC,SPY h4", trials: 1200, trials_with_sharpe: 1180 },
  family_trials: 90,
  ...{ trial_sharpe_variance: 0.001, sharpe_per_day: 0.05, days: 2190 },
  ...{ deflated_sharpe: 0.9712, probabilistic_sharpe: 0.99, expected_best_sharpe: 0.414 },
  ...{ min_track_record_days: 1502, detectable_sharpe: 1.1 },
};

Deno.test("FR-049 beside a result stands what is left of it after all that was tried", () => {
  deepStrictEqual(deflatedLines(deflated), [
    "Deflated Sharpe: 0.97 after 1,200 trials; the best without skill would show 0.41; 0.95 needs 1,502 days, has 2,190",
    "Trials of A+B on BTC,SPY h4: 90; with a model and a symbol in common, in any timeframe: 1,200",
  ]);
});

Deno.test("FR-049 the only trial, a figure that is undefined and a missing ledger say so", () => {
  const [only] = deflatedLines({ ...deflated, trials: 1, expected_best_sharpe: 0 });
  deepStrictEqual(
    only,
    "Deflated Sharpe: 0.97 after 1 trial; nothing to deflate; 0.95 needs 1,502 days, has 2,190",
  );
  const [none] = deflatedLines({
    ...{ ...deflated, deflated_sharpe: null, expected_best_sharpe: null },
    min_track_record_days: null,
  });
  deepStrictEqual(
    none,
    "Deflated Sharpe: – after 1,200 trials; the best without skill would show –; 0.95 needs – days, has 2,190",
  );
  const [close] = deflatedLines({ ...deflated, deflated_sharpe: 0.9499 });
  match(close!, /^Deflated Sharpe: 0\.94 /);
  deepStrictEqual(deflatedLines(undefined), ["Deflated Sharpe: no trial on record"]);
});
