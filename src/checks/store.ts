import { failed, ok, warning } from "../push/finding.ts";
import type { Check } from "./check.ts";

export interface StoreCheckInput {
  /** Opens and checks the store. Rejects if it cannot be opened. */
  readonly inspect: () => Promise<StoreFindings>;
}

export interface StoreFindings {
  readonly facts: readonly string[];
  /** Why pushes are refused. */
  readonly problems: readonly string[];
  /** Problems that do not prevent the acceptance of pushes. */
  readonly degraded: readonly string[];
}

export function createStoreCheck({ inspect }: StoreCheckInput): Check {
  return {
    name: "store",
    async run() {
      try {
        const { facts, problems, degraded } = await inspect();
        // Each problem says itself what to do.
        const found = problems.map((problem) => failed(problem, "Until then accepted pushes are not safe."));
        const doubts = degraded.map((text) =>
          warning(text, "Pushes are accepted, and may not survive what you expect."),
        );
        return [...found, ...doubts, ...facts.map((fact) => ok(`${fact}.`))];
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return [
          failed(`The store cannot be used: ${message}`, "Look whether it runs, and at store in the configuration."),
        ];
      }
    },
  };
}
