import { describe, expect, it } from "vitest";
import type { Outcome } from "../../push/outcome.ts";
import { explainReason } from "../explain-reason.ts";
import { checkApp } from "./check-app.ts";
import type { ConfiguredApnsApp, ConfiguredCertificate } from "./configured-app.ts";
import type { probeApns } from "./probe.ts";

const NOW = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;
const BAD_TOKEN: Outcome = { kind: "rejected", reason: "BadDeviceToken", suspect: "token" };
const PRODUCTION = "https://api.production.example";

function aCertificate(overrides: Partial<ConfiguredCertificate> = {}): ConfiguredCertificate {
  const topics = ["com.example.app", "com.example.app.voip"];
  const pem = { kind: "certificate", certificate: "PEM", key: "PEM" } as const;
  return {
    ...pem,
    file: "apns.pem",
    topics,
    environments: ["production"],
    expiresAt: NOW + 200 * DAY,
    ...overrides,
  };
}

type Answers = { readonly production: Outcome; readonly sandbox?: Outcome };

/** Without an answer of the sandbox both services have the same address. */
function check(credentials: Partial<ConfiguredApnsApp> = {}, answers: Answers = { production: BAD_TOKEN }) {
  const sandbox = answers.sandbox === undefined ? PRODUCTION : "https://api.sandbox.example";
  const app: ConfiguredApnsApp = {
    topic: "com.example.app",
    credentials: aCertificate(),
    origins: { production: PRODUCTION, sandbox },
    ...credentials,
  };
  const probe: typeof probeApns = async (_app, { environment }) => answers[environment] ?? BAD_TOKEN;
  const signal = AbortSignal.timeout(5_000);
  const deps = { name: "global/apns", clock: () => NOW, signal, explainReason, hasSubstitute: false };
  return checkApp(app, deps, probe);
}

it("is all green for a right certificate, and for a right key", async () => {
  const token = { kind: "token", key: "PEM", keyId: "ABCDE12345", teamId: "VWXYZ67890" } as const;

  expect(await check()).toEqual([
    {
      verdict: "ok",
      what: "global/apns: the certificate in apns.pem is valid until 2027-06-11, for com.example.app, com.example.app.voip, production.",
    },
    {
      verdict: "ok",
      what: "global/apns, production (api.production.example) takes the credentials (BadDeviceToken for a made-up token).",
    },
  ]);
  expect(await check({ credentials: token })).toMatchObject([
    { verdict: "ok", what: "global/apns: key ABCDE12345 of team VWXYZ67890, topic com.example.app" },
    { verdict: "ok" },
  ]);
});

describe("what a certificate says", () => {
  it.each([
    [{ expiresAt: NOW - 1 }, "failed", "global/apns: the certificate in apns.pem expired on 2026-11-22."],
    [
      { expiresAt: NOW + 10 * DAY },
      "warning",
      "global/apns: the certificate in apns.pem expires on 2026-12-03, in 10 days.",
    ],
  ] as const)("is compared with the clock: %j", async (overrides, verdict, what) => {
    expect((await check({ credentials: aCertificate(overrides) }))[0]).toMatchObject({ verdict, what });
  });

  it.each([
    [
      ["com.example.other"],
      "failed",
      "global/apns: the topic is com.example.app, and the certificates are for com.example.other.",
    ],
    [
      ["com.example.app"],
      "warning",
      "global/apns: no certificate is for com.example.app.voip: calls will not wake phones.",
    ],
  ])("is compared with the topic: %j", async (topics, verdict, what) => {
    expect((await check({ credentials: aCertificate({ topics }) }))[1]).toMatchObject({ verdict, what });
  });

  it("counts together with that of a separate certificate for calls", async () => {
    const credentials = aCertificate({ topics: ["com.example.app"] });
    const voipCredentials = aCertificate({ topics: ["com.example.app.voip"] });

    const findings = await check({ credentials, voipCredentials });

    expect(findings.every(({ verdict }) => verdict === "ok")).toBe(true);
    expect(findings.map(({ what }) => what).filter((what) => what.includes(" for calls "))).toHaveLength(1);
  });
});

describe("what Apple answers", () => {
  it.each([
    [{ kind: "unregistered", reason: "Unregistered" }, "ok", "takes the credentials."],
    [
      { kind: "misconfigured", reason: "InvalidProviderToken" },
      "failed",
      "refuses the credentials: InvalidProviderToken.",
    ],
    [{ kind: "rejected", reason: "BadTopic" }, "failed", "refuses the push: BadTopic."],
    [{ kind: "deferred", reason: "connect_timeout" }, "failed", "did not answer: connect_timeout."],
    [{ kind: "delivered", providerMessageId: "1" }, "warning", "takes a push for a token that no phone has."],
  ] as const)("%j is %s", async (outcome, verdict, what) => {
    const finding = (await check({}, { production: outcome })).at(-1);

    expect(finding).toMatchObject({ verdict, what: expect.stringContaining(what) });
    expect(finding?.mend === undefined).toBe(verdict === "ok");
  });

  const refused: Outcome = { kind: "misconfigured", reason: "BadEnvironmentKeyInToken" };

  it("lets credentials be for production alone, and warns of those for the sandbox alone", async () => {
    expect((await check({}, { production: BAD_TOKEN, sandbox: refused })).slice(1)).toMatchObject([
      { verdict: "ok" },
      { verdict: "skipped", what: "The certificate is not for the sandbox: apps from Xcode get no push." },
    ]);
    expect((await check({}, { production: refused, sandbox: BAD_TOKEN })).slice(1)).toMatchObject([
      { verdict: "warning", what: "The certificate is for the sandbox alone: apps from the App Store get no push." },
      { verdict: "ok" },
    ]);
  });

  it("is a failure where neither service takes the credentials", async () => {
    const findings = await check({}, { production: refused, sandbox: refused });

    expect(findings.slice(1).map(({ verdict }) => verdict)).toEqual(["failed", "failed"]);
  });
});
