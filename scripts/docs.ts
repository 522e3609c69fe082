import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { renderConfigReference } from "../src/config/reference/config-reference.ts";
import { configJsonSchema } from "../src/config/reference/json-schema.ts";
import { renderProviderAnswers } from "./provider-answers.ts";

/**
 * Writes the documentation that is generated from the source. With `--check` it only verifies that it is up to date.
 */
const root = join(import.meta.dirname, "..");
const documents = [
  { path: "docs/reference/configuration.md", render: renderConfigReference },
  { path: "docs/reference/configuration.schema.json", render: renderJsonSchema },
  { path: "docs/reference/provider-answers.md", render: renderProviderAnswers },
];

const check = process.argv.includes("--check");
for (const { path, render } of documents) {
  const file = join(root, path);
  const wanted = render();
  if ((await readOrNothing(file)) === wanted) continue;
  if (check) {
    console.error(`${path} is out of date; run: node scripts/docs.ts`);
    process.exitCode = 1;
  } else {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, wanted);
    console.log(`wrote ${path}`);
  }
}

function renderJsonSchema(): string {
  return `${JSON.stringify(configJsonSchema(), undefined, 1)}\n`;
}

async function readOrNothing(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return "";
  }
}
