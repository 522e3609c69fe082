import { DELIVER_MUTANTS } from "./list/deliver.ts";
import { HTTP_MUTANTS } from "./list/http.ts";
import { PROVIDER_MUTANTS } from "./list/providers.ts";
import { PUSH_MUTANTS } from "./list/push.ts";
import { REDIS_MUTANTS } from "./list/redis.ts";
import { SQLITE_MUTANTS } from "./list/sqlite.ts";
import { USE_CASE_MUTANTS } from "./list/use-cases.ts";
import type { Mutant } from "./mutant.ts";

export const MUTANTS: readonly Mutant[] = [
  ...REDIS_MUTANTS,
  ...SQLITE_MUTANTS,
  ...DELIVER_MUTANTS,
  ...USE_CASE_MUTANTS,
  ...PUSH_MUTANTS,
  ...PROVIDER_MUTANTS,
  ...HTTP_MUTANTS,
];
