import { itKeepsEveryPromise } from "./keep-promises.ts";
import { PARTITION_SCENARIOS } from "./scenarios.ts";

itKeepsEveryPromise(PARTITION_SCENARIOS);
