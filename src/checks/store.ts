import { failed, ok, type Check } from "./check.ts";

export interface StoreCheckInput {
  /** Opens the store and looks; rejects where it cannot be opened. */
  readonly inspect: () => Promise<{ readonly facts: readonly string[]; readonly problems: readonly string[] }>;
}

export function createStoreCheck({ inspect }: StoreCheckInput): Check {
  return {
    name: "store",
    title: "store (Redis or SQLite)",
    async run() {
      try {
        const { facts, problems } = await inspect();
        // Each problem says what to do itself.
        const found = problems.map((problem) => failed(problem, "Until then accepted pushes are not safe."));
        return [...found, ...facts.map((fact) => ok(`${fact}.`))];
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return [
          failed(`The store cannot be used: ${message}`, "Look whether it runs, and at store in the configuration."),
        ];
      }
    },
  };
}
