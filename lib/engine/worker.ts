// First of all: models must find an empty world, and nothing in it that they could change.
import { serve } from "./lockdown.ts";
import "./shared.ts";
import { MODELS } from "../models/mod.ts";
import { answerRequest, guarded } from "./requests.ts";

const models = guarded(MODELS);
const kept = {};
serve((message, spoilt) => answerRequest(message, models, { spoilt, kept }));
