// First of all: models must find an empty world.
import { serve } from "./lockdown.ts";
import { MODELS } from "../models/mod.ts";
import { answerRequest } from "./requests.ts";

serve((message) => answerRequest(message, MODELS));
