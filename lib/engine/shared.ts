/**
 * What models share with the engine and each other beyond the language: the modules of ours that they may import. Their
 * exports are frozen before any model is loaded, and then the global scope takes no new name.
 */
import * as bars from "../core/bars.ts";
import * as clock from "../core/clock.ts";
import * as errors from "../core/errors.ts";
import * as math from "../core/math.ts";
import * as random from "../core/random.ts";
import * as feature from "../features/feature.ts";
import * as features from "../features/mod.ts";
import * as answer from "../models/answer.ts";
import * as frozen from "../models/frozen.ts";
import * as model from "../models/model.ts";
import * as proposer from "../models/proposer.ts";
import * as view from "../models/view.ts";
import * as regime from "../regime/mod.ts";
import { harden } from "./harden.ts";

const ours = [bars, clock, errors, math, random, feature, features, regime];
const models = [answer, frozen, model, proposer, view];
// order: all are frozen, whichever comes first
harden([...ours, ...models].flatMap((module) => Object.values(module)));
// Only now: the schema library, which has just been loaded, keeps its settings there.
Object.preventExtensions(globalThis);
