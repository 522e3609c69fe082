import { itKeepsEveryPromise } from "./keep-promises.ts";
import { KILL_SCENARIOS } from "./scenarios.ts";

itKeepsEveryPromise(KILL_SCENARIOS);
