import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { TRIAL_FIGURES, type TrialFigure } from "../../core/trial_figures.ts";
import { frontOf, objectiveOf, scoreOf } from "./objective.ts";
import { paretoFront } from "./pareto.ts";

function row(figures: Readonly<Partial<Record<TrialFigure, number>>>): Float64Array {
  return Float64Array.from(TRIAL_FIGURES, (figure) => figures[figure] ?? NaN);
}

Deno.test("FR-047 an objective is one figure or several with weights, made large or small", () => {
  const of = (metric: Parameters<typeof objectiveOf>[0]["metric"], maximize = true) =>
    objectiveOf({ metric, maximize });
  deepStrictEqual(of("bps"), { name: "bps", weights: { bps: 1 } });
  deepStrictEqual(of("max_drawdown", false), {
    name: "−max_drawdown",
    weights: { max_drawdown: -1 },
  });
  deepStrictEqual(of({ max_drawdown: -0.5, sharpe: 0.5, fees: 0 }), {
    name: "0.5 × sharpe − 0.5 × max_drawdown",
    weights: { sharpe: 0.5, max_drawdown: -0.5 },
  });
  deepStrictEqual(of({ cagr: 2, sharpe: 1 }).name, "2 × cagr + sharpe");
});

Deno.test("FR-047 a score needs every figure that counts, and enough closed trades", () => {
  const objective = objectiveOf({ metric: { sharpe: 1, max_drawdown: -2 }, maximize: true });
  strictEqual(scoreOf(row({ sharpe: 1.5, max_drawdown: 0.25 }), objective), 1);
  strictEqual(scoreOf(row({ sharpe: 1.5 }), objective), NaN);
  const few = row({ sharpe: 1.5, max_drawdown: 0.25, round_trips: 4 });
  strictEqual(scoreOf(few, objective, { min_round_trips: 4 }), 1);
  strictEqual(scoreOf(few, objective, { min_round_trips: 5 }), NaN);
});

Deno.test("FR-049 the front holds what nothing else beats", () => {
  const front = frontOf(["cagr", "max_drawdown"]);
  deepStrictEqual(front, [
    { figure: "cagr", more: true },
    { figure: "max_drawdown", more: false },
  ]);
  const rows = [[0.1, 0.2], [0.2, 0.3], [0.1, 0.3], [0.2, 0.3], [0.3, NaN], [0.05, 0.1]]
    .map(([cagr, max_drawdown]) => row({ cagr: cagr!, max_drawdown: max_drawdown! }));
  deepStrictEqual(paretoFront(rows, front), [true, true, false, true, false, true]);
});

Deno.test("FR-049 any front is what comparing all with all finds", () => {
  const point = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(point, { maxLength: 40 }), (points) => {
      const rows = points.map(([cagr, max_drawdown, turnover]) =>
        row({ cagr: cagr!, max_drawdown: max_drawdown!, turnover: turnover! })
      );
      const good = ([a, b, c]: readonly number[]) => [a!, -b!, -c!];
      const slow = points.map((one) =>
        !points.some((other) =>
          good(other).every((value, i) => value >= good(one)[i]!) &&
          good(other).some((value, i) => value > good(one)[i]!)
        )
      );
      deepStrictEqual(paretoFront(rows, frontOf(["cagr", "max_drawdown", "turnover"])), slow);
    }),
    { seed: 8 },
  );
});
