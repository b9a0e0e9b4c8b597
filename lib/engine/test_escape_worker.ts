// The sandbox worker with models that try to escape; what is loaded before them is as in worker.ts.
import { serve } from "./lockdown.ts";
import "./shared.ts";
import { ESCAPES } from "./test_escapes.ts";
import { neighbour } from "./test_escape_models.ts";
import { answerRequest, guarded } from "./requests.ts";

const models = guarded([neighbour, ...ESCAPES.map(({ model }) => model)]);
/** What the tests must know of each attempt; only in here is it safe to load them. */
const told = ESCAPES.map(({ model: { name }, expect, says }) => ({ name, expect, says }));
serve((message, spoilt) =>
  message === "list" ? { reply: told, transfer: [] } : answerRequest(message, models, { spoilt })
);
