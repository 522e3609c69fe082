import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { findBrokenLinks } from "./check-links.ts";

const GUIDE = "# Guide\n\n## `GET /v1/x`: what, and why?\n\n## Again\n\n## Again\n";

function faultsOf(readme: string): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), "links-test-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries({ "README.md": readme, "docs/guide.md": GUIDE })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return findBrokenLinks(root);
}

it.each([
  "[a file](docs/guide.md)",
  "[a folder](docs/)",
  "[a heading](docs/guide.md#get-v1x-what-and-why)",
  "[the second of a name](docs/guide.md#again-1)",
  "# Top\n[own heading](#top)",
  "[elsewhere](https://example.org/nowhere#x)",
  "`[code](nowhere.md)`",
  "```\n[code](nowhere.md)\n```",
])("accepts %j", (text) => {
  expect(faultsOf(text)).toEqual([]);
});

it("reports a file that does not exist, with the line", () => {
  expect(faultsOf("One\n\n[two](docs/other.md)")).toEqual([
    "README.md:3: no file docs/other.md (the link is docs/other.md)",
  ]);
});

it("reports a heading that does not exist, in another page and in its own", () => {
  expect(faultsOf("[a](docs/guide.md#no) [b](#no)")).toEqual([
    "README.md:1: docs/guide.md has no heading #no",
    "README.md:1: README.md has no heading #no",
  ]);
});

it("does not take a line of code for a heading", () => {
  expect(faultsOf("[a](#install)\n```\n# install\n```")).toEqual(["README.md:1: README.md has no heading #install"]);
});
