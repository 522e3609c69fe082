import { beforeEach, describe, expect, it } from "vitest";
import type { SignUpStep } from "../../gateway/gateway-events.ts";
import { ADA } from "../../../test/fixtures/launch-fixture.ts";
import { decodeLink } from "../link.ts";
import type { AccountOrder } from "./accounts.ts";
import type { SentLink } from "./messenger.ts";
import type { Person } from "./person.ts";
import { createSignUpSecrets } from "./secrets.ts";
import { createSignUp, type SignUpSettings } from "./sign-up.ts";

const LINK_SECRET = { key: "0123456789abcdef", iv: "fedcba9876543210" };
const IP = "192.0.2.1";
const HOUR = 3_600_000;

function openFixture(overrides: Partial<SignUpSettings> = {}) {
  const fixture = {
    now: 1_000_000,
    codes: [] as { person: Person; code: string }[],
    links: [] as { person: Person; link: SentLink }[],
    orders: [] as AccountOrder[],
    steps: [] as SignUpStep[],
    failures: 0,
  };
  let ids = 0;
  const failMaybe = (): void => {
    if (fixture.failures === 0) return;
    fixture.failures -= 1;
    throw new Error("out of order");
  };
  const settings = {
    verify: "email",
    domain: "example.org",
    url: "https://push.example.org/p",
    linkSecret: LINK_SECRET,
    signUpsPerHour: 10,
    codesPerHour: 100,
  } as const;
  const signUp = createSignUp({
    settings: { ...settings, ...overrides },
    secrets: createSignUpSecrets("a secret of the operator, long enough"),
    accounts: {
      async provide(order) {
        failMaybe();
        fixture.orders.push(order);
      },
    },
    messenger: {
      async sendCode(person, code) {
        failMaybe();
        fixture.codes.push({ person, code });
      },
      async sendLink(person, link) {
        fixture.links.push({ person, link });
      },
    },
    events: { signUp: (step) => void fixture.steps.push(step) },
    clock: () => fixture.now,
    newCode: () => String(123_456 + ids),
    newId: () => `ticket-${(ids += 1)}`,
  });
  return { fixture, signUp };
}

let { fixture, signUp } = openFixture();

beforeEach(() => {
  ({ fixture, signUp } = openFixture());
});

/** Starts a sign-up and returns its ticket and code. */
async function start(person: Person = ADA, address = IP) {
  const result = await signUp.start(person, address);
  if (result.kind !== "code_sent") throw new Error(`no code was sent: ${result.kind}`);
  return { ticket: result.ticket, code: fixture.codes.at(-1)?.code ?? "" };
}

it("sends a code, then makes the account and sends the link that logs in", async () => {
  const { ticket, code } = await start();

  const result = await signUp.finish(ticket, code, IP);
  const [order] = fixture.orders;
  const [sent] = fixture.links;

  expect(result).toEqual({ kind: "done" });
  expect(order?.person).toEqual(ADA);
  expect(sent?.person).toEqual(ADA);
  expect(sent?.link.url).toBe("https://push.example.org/p");
  // The configuration relies on this length for links in short messages.
  expect(sent?.link.link).toHaveLength(88);
  expect(decodeLink(sent?.link.link ?? "", LINK_SECRET)).toEqual({
    username: order?.username,
    server: "example.org",
    password: order?.password,
  });
  expect(fixture.steps).toEqual(["code_sent", "completed"]);
});

it("makes nothing before the code is right", async () => {
  const { ticket } = await start();

  expect(await signUp.finish(ticket, "000000", IP)).toEqual({ kind: "wrong_code", guessesLeft: 4 });
  expect(fixture.orders).toEqual([]);
});

it("does the work once, however often the last step comes", async () => {
  const { ticket, code } = await start();

  const results = await Promise.all([1, 2, 3].map(() => signUp.finish(ticket, code, IP)));

  expect(results).toEqual([{ kind: "done" }, { kind: "done" }, { kind: "done" }]);
  expect([fixture.orders.length, fixture.links.length]).toEqual([1, 1]);
});

it("can be finished by another gateway with the same secret, with the same result", async () => {
  const { ticket, code } = await start();
  await signUp.finish(ticket, code, IP);
  const first = fixture.orders[0];
  const other = openFixture();

  await other.signUp.finish(ticket, code, IP);

  expect(other.fixture.orders).toEqual([first]);
});

it("knows who signs up again: the same account with another password", async () => {
  for (const _time of [1, 2]) {
    const { ticket, code } = await start({ ...ADA, email: "ADA@example.org" });
    await signUp.finish(ticket, code, IP);
  }
  const [first, second] = fixture.orders;

  expect(second?.externalId).toBe(first?.externalId);
  expect(second?.username).toBe(first?.username);
  expect(second?.password).not.toBe(first?.password);
});

it("lets the last step be tried again after a failure", async () => {
  const { ticket, code } = await start();
  fixture.failures = 1;

  const failed = await signUp.finish(ticket, code, IP);
  const done = await signUp.finish(ticket, code, IP);

  expect([failed, done]).toEqual([{ kind: "failed" }, { kind: "done" }]);
  expect(fixture.steps).toEqual(["code_sent", "failed", "completed"]);
});

it("says so when no code could be sent", async () => {
  fixture.failures = 1;

  expect(await signUp.start(ADA, IP)).toEqual({ kind: "failed" });
  expect(fixture.steps).toEqual(["failed"]);
});

describe("guessing", () => {
  it("ends after five codes for one ticket, even with the right one", async () => {
    const { ticket, code } = await start();
    for (const left of [4, 3, 2, 1, 0]) {
      expect(await signUp.finish(ticket, "000000", IP)).toEqual({ kind: "wrong_code", guessesLeft: left });
    }

    expect(await signUp.finish(ticket, code, IP)).toEqual({ kind: "expired" });
    expect(fixture.orders).toEqual([]);
  });

  it("ends after thirty in an hour for one client, whatever the tickets", async () => {
    const kinds: string[] = [];
    for (let guess = 0; guess < 31; guess += 1) kinds.push((await signUp.finish("no ticket", "000000", IP)).kind);

    expect(kinds.slice(0, 30).every((kind) => kind === "expired")).toBe(true);
    expect(kinds.at(-1)).toBe("limited");
    expect((await signUp.finish("no ticket", "0", "192.0.2.2")).kind).toBe("expired");
  });

  it("is over when the ticket is too old", async () => {
    const { ticket, code } = await start();
    fixture.now += 15 * 60_000;

    expect(await signUp.finish(ticket, code, IP)).toEqual({ kind: "expired" });
  });

  it("gets nowhere with the code of another ticket", async () => {
    const mine = await start();
    const other = await start({ ...ADA, email: "eve@example.org" });

    expect((await signUp.finish(mine.ticket, other.code, IP)).kind).toBe("wrong_code");
  });
});

describe("the limits", () => {
  it("let one contact have three codes in an hour, wherever they are asked for", async () => {
    const kinds: string[] = [];
    for (const host of [1, 2, 3, 4]) kinds.push((await signUp.start(ADA, `192.0.2.${host}`)).kind);
    fixture.now += HOUR / 3;

    expect(kinds).toEqual(["code_sent", "code_sent", "code_sent", "limited"]);
    expect((await signUp.start({ ...ADA, email: "Ada@Example.org" }, "192.0.2.9")).kind).toBe("code_sent");
    expect(fixture.steps).toContain("limited");
  });

  it("let one client begin so many", async () => {
    ({ fixture, signUp } = openFixture({ signUpsPerHour: 2 }));
    const begin = async (name: string, address = IP) =>
      (await signUp.start({ ...ADA, email: `${name}@example.org` }, address)).kind;

    expect([await begin("a"), await begin("b"), await begin("c")]).toEqual(["code_sent", "code_sent", "limited"]);
    expect(await begin("d", "192.0.2.2")).toBe("code_sent");
  });

  it("let so many codes go out in all", async () => {
    ({ fixture, signUp } = openFixture({ codesPerHour: 2 }));
    const begin = async (host: number) =>
      (await signUp.start({ ...ADA, email: `${host}@example.org` }, `192.0.2.${host}`)).kind;

    expect([await begin(1), await begin(2), await begin(3)]).toEqual(["code_sent", "code_sent", "limited"]);
  });
});
