/** `npm run build`: dist/ with the compiled daemon, ready for `node dist/main.js`. */
import { chmodSync, copyFileSync, existsSync, globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { PROJECT, runStep } from "./run-step.ts";

const SOURCE = join(PROJECT, "src");
const DIST = join(PROJECT, "dist");

/** Files that the compiler does not copy: Lua scripts, SQL, pages. */
function copyAssets(): number {
  const assets = globSync("**/*.*", { cwd: SOURCE, exclude: ["**/*.ts"] });
  for (const asset of assets) {
    mkdirSync(dirname(join(DIST, asset)), { recursive: true });
    copyFileSync(join(SOURCE, asset), join(DIST, asset));
  }
  return assets.length;
}

function makeExecutable(main: string): void {
  if (!existsSync(main) || !readFileSync(main, "utf8").startsWith("#!")) {
    throw new Error(`${main} has to begin with a line "#!/usr/bin/env node": package.json calls it as a command.`);
  }
  chmodSync(main, 0o755);
}

rmSync(DIST, { recursive: true, force: true });
const compiled = await runStep(["tsc", "-p", "tsconfig.build.json"]);
if (compiled.passed) {
  const assets = copyAssets();
  makeExecutable(join(DIST, "main.js"));
  console.log(`dist/ is built (${assets} files besides the compiled ones)`);
} else {
  console.error(compiled.output);
  process.exitCode = 1;
}
