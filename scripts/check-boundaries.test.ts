import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { findBlindRules, findViolations } from "./check-boundaries.ts";

const PROJECT = join(import.meta.dirname, "..");

/** A separate tree with this project's packages. */
function aTree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "boundaries-test-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  symlinkSync(join(PROJECT, "node_modules"), join(root, "node_modules"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const ALLOWED = {
  "src/push/push.ts": `import { createHash } from "node:crypto";\nexport const push = createHash;\n`,
  "src/push/push.test.ts": `import "../http/server.ts";\nimport "../../test/fixtures/builders.ts";\n`,
  "src/gateway/accept.ts": `import "../push/push.ts";\nexport const accept = 1;\n`,
  "src/providers/channel/pool.ts": `import "node:http2";\nexport const pool = 1;\n`,
  "src/providers/apns/provider.ts": `import "../channel/pool.ts";\nimport "../../gateway/accept.ts";\n`,
  "src/http/server.ts": `import "fastify";\nimport "../gateway/accept.ts";\nexport const server = 1;\n`,
  "src/config/load.ts": `import "yaml";\nimport "../push/push.ts";\nexport const load = 1;\n`,
  "src/simulator/apns.ts": `import "node:http2";\nexport const simulate = 1;\n`,
  "src/app.ts": `import "./http/server.ts";\nimport "./providers/apns/provider.ts";\nimport "./config/load.ts";\n`,
  "src/cli/serve.ts": `import "../app.ts";\nimport "../simulator/apns.ts";\nimport "../config/load.ts";\n`,
  "src/main.ts": `import "./cli/serve.ts";\n`,
  "test/fixtures/builders.ts": `import "../../src/push/push.ts";\n`,
};

it("has no rule that cannot fail", async () => {
  expect(await findBlindRules()).toEqual([]);
});

it("names a rule for which nothing was planted", async () => {
  const blind = await findBlindRules({ "push-sees-only": ["src/push/planted.ts", "src/http/server.ts"] });

  expect(blind).toContain("gateway-sees-only");
  expect(blind).not.toContain("push-sees-only");
});

it("finds nothing wrong where everybody keeps to the house's plan", async () => {
  expect(await findViolations(aTree(ALLOWED))).toEqual({ files: 11, problems: [] });
});

const WAYS_TO_IMPORT = {
  value: `import { server } from "../http/server.ts";\nexport const x = server;\n`,
  type: `import type { server } from "../http/server.ts";\nexport type X = typeof server;\n`,
  reexport: `export * from "../http/server.ts";\n`,
  dynamic: `export const x = () => import("../http/server.ts");\n`,
  using: `export async function f() {\n  await using x = await import("../http/server.ts");\n}\n`,
};

it("reports an import of http/ in push/, in whatever way it is written", async () => {
  const files = Object.entries(WAYS_TO_IMPORT).map(([way, source]) => [`src/push/${way}.ts`, source] as const);

  const { problems } = await findViolations(aTree({ ...ALLOWED, ...Object.fromEntries(files) }));

  const reported = files.map(([file]) =>
    expect.stringContaining(`${file} imports src/http/server.ts (push-sees-only: `),
  );
  expect(problems).toHaveLength(files.length);
  expect(problems).toEqual(expect.arrayContaining(reported));
});

it("reports it in a copy of the real source", async () => {
  const root = aTree({});
  cpSync(join(PROJECT, "src"), join(root, "src"), { recursive: true });
  cpSync(join(PROJECT, "test"), join(root, "test"), { recursive: true });
  writeFileSync(join(root, "src/push/x.ts"), `import type { X } from "../http/server.ts";\nexport type Y = X;\n`);

  const { problems } = await findViolations(root);

  expect(problems).toContainEqual(expect.stringContaining("src/push/x.ts imports src/http/server.ts"));
});

/** The rules of this project with one of them broken. */
function brokenRules(search: string, replacement: string): string {
  const rules = readFileSync(join(PROJECT, ".dependency-cruiser.cjs"), "utf8");
  expect(rules).toContain(search);
  return join(aTree({ "rules.cjs": rules.replace(search, replacement) }), "rules.cjs");
}

it("notices that a rule has been written so that it catches nothing", async () => {
  const rules = brokenRules("const TEST = ", 'const TEST = ".*"; // ');

  expect(await findBlindRules(undefined, rules)).toContain("push-sees-only");
});

it("notices that the tool has stopped reading files", async () => {
  const rules = brokenRules("options: {", 'options: { exclude: "^src/push/",');

  const { problems } = await findViolations(aTree(ALLOWED), rules);

  expect(problems).toContain("src/push/push.ts was not read");
});
