import type { PayloadProfile } from "../push/payload-profile.ts";

export interface CompatDialectDeps {
  /** Paths on which, and below which, it answers. */
  readonly paths: readonly string[];
  /** Payload profile that its pushes ask for; undefined to use each app's own. */
  readonly profile?: PayloadProfile;
}
