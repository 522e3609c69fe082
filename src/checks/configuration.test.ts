import { expect, it } from "vitest";
import { createConfigurationCheck, type ConfigurationCheckInput } from "./configuration.ts";

function check(input: Partial<ConfigurationCheckInput> = {}) {
  const domains = [{ domain: undefined, enabled: true, providers: ["apns", "fcm"], outOfOrder: [] }];
  const right = { file: "config.yml", mode: 0o600, holdsSecrets: true, problems: [], domains };
  return createConfigurationCheck({ ...right, ...input }).run(AbortSignal.timeout(1_000));
}

it("is all green for a right configuration", async () => {
  expect(await check()).toEqual([
    { verdict: "ok", what: "config.yml is valid." },
    { verdict: "ok", what: "config.yml holds secrets, and only its owner can read it." },
    { verdict: "ok", what: "All other domains: pushed through apns, fcm." },
  ]);
});

it("hands on what the reader of the configuration says", async () => {
  const problems = [
    { severity: "error", text: "config.yml:3: port: expected a port", mend: "write e.g. port: 45060" },
    { severity: "warning", text: "key.pem holds a secret and can be read by everyone", mend: "run: chmod 600 key.pem" },
  ] as const;

  expect(await check({ problems, domains: undefined })).toMatchObject([
    { verdict: "failed", what: "config.yml:3: port: expected a port", mend: "write e.g. port: 45060" },
    { verdict: "warning", what: "key.pem holds a secret and can be read by everyone" },
    { verdict: "ok", what: expect.stringContaining("only its owner can read it") },
  ]);
});

it.each([
  [0o644, "warning", "config.yml holds secrets and can be read by everyone on this machine."],
  [0o640, "warning", "config.yml holds secrets and can be read by its group."],
])("looks at who can read secrets in the file itself: %o", async (mode, verdict, what) => {
  expect((await check({ mode }))[1]).toMatchObject({ verdict, what, mend: "Run: chmod 600 config.yml" });
});

it("lets everybody read a file that holds no secrets", async () => {
  expect((await check({ mode: 0o644, holdsSecrets: false }))[1]).toMatchObject({ verdict: "ok" });
});

it("compares what is switched on with what there is, domain by domain", async () => {
  const domains = [
    { domain: "off.example", enabled: false, providers: [], outOfOrder: [] },
    { domain: "none.example", enabled: true, providers: [], outOfOrder: [] },
    { domain: "broken.example", enabled: true, providers: ["fcm"], outOfOrder: ["apns"] },
    { domain: undefined, enabled: true, providers: [], outOfOrder: [] },
  ];

  expect((await check({ domains })).slice(2)).toMatchObject([
    { verdict: "skipped", what: "off.example: switched off (enable: no)." },
    { verdict: "failed", what: "none.example: switched on, but no app serves it: none of its phones gets a push." },
    { verdict: "failed", what: "broken.example: the credentials for apns cannot be used; its pushes wait." },
    { verdict: "ok", what: "broken.example: pushed through fcm." },
    { verdict: "skipped", what: "All other domains: no app is configured." },
  ]);
});
