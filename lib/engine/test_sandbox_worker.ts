// The sandbox worker with models that misbehave in place of those that ship; the lockdown acts first, as in worker.ts.
import { serve } from "./lockdown.ts";
import { answerRequest } from "./requests.ts";
import {
  allIn,
  broken,
  brokenDeclaration,
  endless,
  endlessDeclaration,
  unsettled,
} from "./test_sandbox_models.ts";

const MODELS = [allIn, broken, brokenDeclaration, endless, endlessDeclaration, unsettled];

serve((message) => answerRequest(message, MODELS));
