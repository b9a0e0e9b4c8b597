// The sandbox worker with models of tests in place of those that ship; the lockdown acts first, as in worker.ts.
import { serve } from "../lockdown.ts";
import "../shared.ts";
import { answerRequest, guarded } from "../requests.ts";
import { sweepModels } from "./test_sweep_models.ts";

const models = guarded(sweepModels);
const kept = {};
serve((message, spoilt) => answerRequest(message, models, { spoilt, kept }));
