import { didYouMean, Refusal } from "../core/errors.ts";
import { cryptoMomentum } from "./crypto_momentum.ts";
import { equityTrend } from "./equity_trend.ts";
import { indexMeanReversion } from "./index_mean_reversion.ts";
import type { Model } from "./model.ts";
import { movingAverageCross } from "./moving_average_cross.ts";

/** Every model that ships with Assay: one line each. */
export const MODELS: readonly Model[] = [
  equityTrend,
  indexMeanReversion,
  cryptoMomentum,
  movingAverageCross,
];

/** The model of that name among `models`; refuses with the nearest name when there is none. */
export function findModel(name: string, models: readonly Model[] = MODELS): Model {
  const model = models.find((candidate) => candidate.name === name);
  if (model) return model;
  const names = models.map((candidate) => candidate.name);
  throw new Refusal(
    `${name} is not a known model${didYouMean(name, names)}; known: ${names.join(", ")}`,
  );
}
