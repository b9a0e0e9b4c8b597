// The sandbox worker with models that misbehave in place of those that ship; the lockdown acts first, as in worker.ts.
import { serve } from "./lockdown.ts";
import "./shared.ts";
import { answerRequest, guarded } from "./requests.ts";
import {
  allIn,
  broken,
  brokenDeclaration,
  endless,
  endlessDeclaration,
  once,
  unsettled,
} from "./test_sandbox_models.ts";

const models = guarded([
  allIn,
  broken,
  brokenDeclaration,
  endless,
  endlessDeclaration,
  once,
  unsettled,
]);

const kept = {};
serve((message, spoilt) => answerRequest(message, models, { spoilt, kept }));
