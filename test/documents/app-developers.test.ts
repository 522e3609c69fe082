import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { buildAppData } from "../../src/payloads/standard.ts";
import { PUSH_KINDS } from "../../src/push/push.ts";
import { aCall, aPush } from "../fixtures/builders.ts";
import { readFencedBlocks } from "../fixtures/fenced-blocks.ts";

const PAGE = "docs/app-developers.md";
const TEXT = readFileSync(new URL(`../../${PAGE}`, import.meta.url), "utf8");

const DOCUMENTED = [...TEXT.matchAll(/^\| (`[^|]+) \| [^|]+ \| [^|]+ \|$/gmu)].flatMap(([, cell = ""]) =>
  [...cell.matchAll(/`(\w+)`/gu)].map(([, name = ""]) => name),
);
/** Members that the request, not the gateway, decides. */
const REQUESTED = new Set(["display_name", "media"]);

/** The members of every kind of push, silent or not. */
function readSentNames(): Set<string> {
  const extra = { caller: "+4315551234", callUrl: "https://push.example.org/v1/calls/a", data: { event: "missed" } };
  const requests = PUSH_KINDS.flatMap((kind) => [true, false].map((silent) => ({ ...aCall(extra), kind, silent })));
  return new Set(requests.flatMap((request) => Object.keys(buildAppData(aPush({ request })))));
}

it("the page names each member that the gateway sends, and no other", () => {
  expect(DOCUMENTED.toSorted()).toEqual([...readSentNames()].toSorted());
});

it.each(["swift", "kotlin"])("the code in %s reads members that a push has", (language) => {
  const code = readFencedBlocks(PAGE).filter(({ info }) => info === language);
  const read = code.flatMap(({ text }) => [...text.matchAll(/\bpush\["(\w+)"\]/gu)].map(([, name = ""]) => name));

  expect(read).toEqual(expect.arrayContaining(["type", "call_uuid", "expires_at", "call_url"]));
  expect(read.filter((name) => !DOCUMENTED.includes(name) && !REQUESTED.has(name))).toEqual([]);
});
