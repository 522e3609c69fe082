// Loaded into a gateway before its own code (`--expose-gc --import`): SIGUSR2 triggers a garbage collection, so that a
// test can measure the memory in use.
process.on("SIGUSR2", () => globalThis.gc?.());
