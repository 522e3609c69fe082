import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Behaviour } from "../../../src/simulator/behaviour.ts";
import { isInTime } from "./account.ts";
import { apnsToken, fcmToken, openProviderFixture, type ProviderFixture } from "./provider-fixture.ts";

// Allows for a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const TEN_MEGABYTES = 10 * 1024 * 1024;

let fixture: ProviderFixture;
let phones = 0;

beforeAll(async () => {
  fixture = await openProviderFixture();
});

afterAll(() => fixture[Symbol.asyncDispose]());

interface Case {
  readonly what: string;
  readonly behaviour: Behaviour;
  /** Meaning of the status: accepted, refused for good, or to be repeated. */
  readonly end: "delivered" | "failed" | "repeated";
  /** Set if it means something else at Google, which names each message that it accepts. */
  readonly fcmEnd?: "repeated";
}

const CASES: readonly Case[] = [
  {
    what: "a 200 with words in the place of JSON",
    behaviour: { body: "fine, thank you" },
    end: "delivered",
    fcmEnd: "repeated",
  },
  { what: "a 200 with 10 MB", behaviour: { bodyBytes: TEN_MEGABYTES }, end: "delivered", fcmEnd: "repeated" },
  { what: "a 400 with half a JSON", behaviour: { status: 400, body: '{"reason":"Bad' }, end: "failed" },
  { what: "a 400 with JSON of another kind", behaviour: { status: 400, body: "[[1,2],null]" }, end: "failed" },
  { what: "a 400 with 10 MB", behaviour: { status: 400, bodyBytes: TEN_MEGABYTES }, end: "failed" },
  { what: "a 410 without a word", behaviour: { status: 410, body: " " }, end: "failed" },
  { what: "a 503 with 10 MB", behaviour: { status: 503, bodyBytes: TEN_MEGABYTES }, end: "repeated" },
  { what: "a 502 of a proxy", behaviour: { status: 502 }, end: "repeated" },
  { what: "1xx before the answer", behaviour: { shape: "informational" }, end: "delivered" },
  { what: "trailers after the answer", behaviour: { shape: "trailers" }, end: "delivered" },
  { what: "two DATA frames", behaviour: { shape: "two-parts" }, end: "delivered" },
  { what: "no status", behaviour: { shape: "no-status" }, end: "repeated" },
  { what: "a thousand header fields", behaviour: { shape: "header-flood" }, end: "repeated" },
];

it.each(
  (["apns", "fcm"] as const).flatMap((provider) =>
    CASES.map((each) => ({ ...each, provider, end: (provider === "fcm" ? each.fcmEnd : undefined) ?? each.end })),
  ),
)("A14: from $provider $what: $end, and the next push is served as usual", async ({ provider, behaviour, end }) => {
  const [alice, bob] = await Promise.all([addPhone(provider), addPhone(provider)]);
  fixture.simulator.script(alice.token, { ...behaviour, times: 1 });

  const first = await fixture.deliver(1, [alice.aor]);
  const next = await fixture.deliver(1, [bob.aor]);

  const state = end === "repeated" ? "delivered" : end;
  expect(first).toMatchObject([{ state, deliveries: [{ attempts: end === "repeated" ? 2 : 1 }] }]);
  expect(next).toMatchObject([{ state: "delivered", deliveries: [{ attempts: 1 }] }]);
  expect(listBugs(fixture)).toEqual([]);
});

it.each(["apns-production", "google"] as const)(
  "A14: bytes that are no HTTP/2 end the connection to %s, and no push is lost",
  async (server) => {
    const { aor } = await addPhone(server === "google" ? "fcm" : "apns");
    fixture.simulator.scriptConnections(server, { on: "all", times: 1, steps: [{ afterRequests: 2, do: "junk" }] });

    const ends = await fixture.deliver(20, [aor]);

    expect(isInTime(ends)).toBe(true);
    expect(listBugs(fixture)).toEqual([]);
  },
);

async function addPhone(provider: "apns" | "fcm") {
  phones += 1;
  const token = provider === "apns" ? apnsToken(phones) : fcmToken(phones);
  return { token, aor: await fixture.addPhone(provider, token) };
}

/** Returns logged errors and bugs. */
function listBugs({ running }: ProviderFixture): unknown[] {
  return running.logLines.filter(({ level, msg }) => level === "error" || String(msg).includes("bug"));
}
