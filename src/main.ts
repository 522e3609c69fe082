#!/usr/bin/env node
const OLDEST_NODE = 24;

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  process.stderr.write(`sip-pushd needs Node ${OLDEST_NODE} or newer; this is ${process.version}.\n`);
  process.exit(1);
}
// Imported only now, because an older Node cannot even parse the rest.
const { runProgram } = await import("./cli/run-program.ts");
await runProgram(process.argv);
