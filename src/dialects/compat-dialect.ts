import type { PayloadProfile } from "../push/payload-profile.ts";

export interface CompatDialectDeps {
  /** It is answered on them, and below them. */
  readonly paths: readonly string[];
  /** What its pushes ask for; absent: each app has its own. */
  readonly profile?: PayloadProfile;
}
