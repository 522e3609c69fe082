import { execFile } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";

const PROJECT = join(import.meta.dirname, "..");
const RULES = join(PROJECT, ".dependency-cruiser.cjs");
const CRUISER = join(PROJECT, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

interface CruiseResult {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly Violation[];
    readonly ruleSetUsed: {
      readonly forbidden: readonly { readonly name: string; readonly comment?: string }[];
    };
  };
}

/** One forbidden import for each rule. They import only types, which a tool overlooks first. */
const PLANTED: Readonly<Record<string, readonly [file: string, imports: string]>> = {
  "push-sees-only": ["src/push/planted.ts", "src/http/server.ts"],
  "push-no-packages": ["src/push/packaged.ts", "pino"],
  "push-no-io": ["src/push/reading.ts", "node:fs"],
  "payloads-sees-only": ["src/payloads/planted.ts", "src/gateway/clock.ts"],
  "payloads-no-packages": ["src/payloads/packaged.ts", "pino"],
  "gateway-sees-only": ["src/gateway/planted.ts", "src/stores/sqlite/store.ts"],
  "gateway-no-packages": ["src/gateway/packaged.ts", "fastify"],
  "providers-sees-only": ["src/providers/planted.ts", "src/telemetry/logger.ts"],
  "stores-sees-only": ["src/stores/planted.ts", "src/config/config.ts"],
  "dialects-sees-only": ["src/dialects/planted.ts", "src/http/server.ts"],
  "http-sees-only": ["src/http/planted.ts", "src/stores/sqlite/store.ts"],
  "launcher-sees-only": ["src/launcher/planted.ts", "src/http/server.ts"],
  "checks-sees-only": ["src/checks/planted.ts", "src/providers/apns/provider.ts"],
  "telemetry-sees-only": ["src/telemetry/planted.ts", "src/http/server.ts"],
  "providers-siblings": ["src/providers/fcm/planted.ts", "src/providers/apns/provider.ts"],
  "stores-siblings": ["src/stores/redis/planted.ts", "src/stores/sqlite/store.ts"],
  "dialects-siblings": ["src/dialects/flexisip/planted.ts", "src/dialects/sipwise/parse.ts"],
  "config-sees-only": ["src/config/planted.ts", "src/gateway/clock.ts"],
  "simulator-sees-only": ["src/simulator/planted.ts", "src/push/push.ts"],
  "import-sees-only": ["src/import/planted.ts", "src/config/config.ts"],
  "certificates-sees-only": ["src/certificates/planted.ts", "src/push/push.ts"],
  "trace-sees-only": ["src/trace/planted.ts", "src/http/server.ts"],
  "client-sees-only": ["src/client/planted.ts", "src/app/open-stores.ts"],
  "client-requests-sees-only": ["src/client/send-request.ts", "src/push/push.ts"],
  "cluster-sees-only": ["src/cluster/planted.ts", "src/cli/output.ts"],
  "checklist-sees-only": ["src/checklist/planted.ts", "src/providers/apns/provider.ts"],
  "demo-sees-only": ["src/demo/planted.ts", "src/cli/output.ts"],
  "app-sees-only": ["src/app.ts", "src/simulator/simulator.ts"],
  "cli-sees-only": ["src/cli/planted.ts", "src/stores/sqlite/store.ts"],
  "main-sees-only": ["src/main.ts", "src/app.ts"],
  "every-file-has-a-room": ["src/helpers/planted.ts", "src/push/push.ts"],
  "src-without-tests": ["src/http/tested.ts", "test/fixtures/builders.ts"],
  "no-cycles": ["src/http/round.ts", "src/http/round.ts"],
  "no-dead-ends": ["src/http/lost.ts", "no-such-package"],
};

async function cruise(root: string, rules: string): Promise<CruiseResult> {
  const args = [CRUISER, "src", "--config", rules, "--output-type", "json"];
  const options = { cwd: root, maxBuffer: 64 * 1024 * 1024 };
  // Its exit code is the number of violations if it could run at all.
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, options).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  if (!stdout.startsWith("{")) throw new Error(`dependency-cruiser could not read ${root}/src:\n${stdout}${stderr}`);
  return JSON.parse(stdout) as CruiseResult;
}

/** Cruises `root/src` and returns the forbidden imports, one line each. A file that the cruiser did not read is a problem, too. */
export async function findViolations(root: string, rules = RULES): Promise<{ files: number; problems: string[] }> {
  const { modules, summary } = await cruise(root, rules);
  const read = new Set(modules.map(({ source }) => source));
  const files = globSync("src/**/*.ts", { cwd: root });
  const comments = new Map(summary.ruleSetUsed.forbidden.map(({ name, comment = "" }) => [name, comment]));
  const unread = files.filter((file) => !read.has(file)).map((file) => `${file} was not read`);
  const forbidden = summary.violations.map(
    ({ from, to, rule }) => `${from} imports ${to} (${rule.name}: ${comments.get(rule.name)})`,
  );
  return { files: files.length, problems: [...unread, ...forbidden] };
}

/** Returns the rules that did not report their planted violation. A check that cannot fail checks nothing. */
export async function findBlindRules(planted = PLANTED, rules = RULES): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), "boundaries-"));
  try {
    symlinkSync(join(PROJECT, "node_modules"), join(root, "node_modules"));
    for (const [file, imports] of Object.values(planted)) plant(root, file, imports);
    const { summary } = await cruise(root, rules);
    const names = summary.ruleSetUsed.forbidden.map(({ name }) => name);
    const saw = (rule: string) =>
      summary.violations.some(({ rule: { name }, from }) => name === rule && from === planted[rule]?.[0]);
    return [...new Set([...names, ...Object.keys(planted)])].filter((rule) => !saw(rule));
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Writes a file that imports another one, and that one too. A bare name is a package's. */
function plant(root: string, file: string, imports: string): void {
  const isFile = imports.endsWith(".ts");
  const specifier = isFile ? relative(dirname(file), imports).replace(/^(?!\.)/, "./") : imports;
  if (isFile) append(join(root, imports), "export type Planted = unknown;\n");
  append(join(root, file), `import type { Planted as Forbidden } from "${specifier}";\nexport type Use = Forbidden;\n`);
}

function append(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { flag: "a" });
}

if (import.meta.main) {
  const [{ files, problems }, blind] = await Promise.all([findViolations(PROJECT), findBlindRules()]);
  for (const problem of problems) console.error(problem);
  for (const rule of blind) console.error(`${rule}: a planted violation of this rule was not reported`);
  if (problems.length + blind.length > 0) process.exitCode = 1;
  else console.log(`${files} files keep to the boundaries; each rule was seen to catch a planted violation`);
}
