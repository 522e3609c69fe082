import type { Opener, OpenerDeps } from "../provider-module.ts";
import { createGcmProvider, type GcmApp } from "./provider.ts";

/** Apps have nothing in common. */
export function createOpener({ clock }: Pick<OpenerDeps, "clock">): Opener<GcmApp> {
  return {
    open: (name, app) => ({ provider: createGcmProvider(app, { name, clock }), leave: () => undefined }),
    [Symbol.dispose]: () => undefined,
  };
}
