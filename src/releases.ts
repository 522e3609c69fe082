/** What a running program has to give back, in the reverse of the order in which it took it. */
export interface Releases extends AsyncDisposable {
  add(resource: AsyncDisposable): void;
}

/** A failing release does not keep the others from theirs; the first failure is thrown at the end. */
export function createReleases(): Releases {
  const resources: AsyncDisposable[] = [];
  return {
    add(resource) {
      resources.push(resource);
    },
    async [Symbol.asyncDispose]() {
      const failures: unknown[] = [];
      for (let resource = resources.pop(); resource !== undefined; resource = resources.pop()) {
        await Promise.resolve(resource[Symbol.asyncDispose]()).catch((error: unknown) => failures.push(error));
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
