import { itKeepsEveryPromise } from "./keep-promises.ts";
import { OTHER_SCENARIOS } from "./scenarios.ts";

itKeepsEveryPromise(OTHER_SCENARIOS);
