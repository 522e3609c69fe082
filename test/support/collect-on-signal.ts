// Loaded into a gateway before its own code (`--expose-gc --import`): SIGUSR2 has it collect its garbage, so that a test can see what
// it really holds.
process.on("SIGUSR2", () => globalThis.gc?.());
