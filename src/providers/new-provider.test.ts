import { expect, it, vi } from "vitest";
import { renderProviderAnswers } from "../../scripts/provider-answers.ts";
import { NEEDS_EVERY_PART, unopenable } from "../../test/fixtures/toy-provider/incomplete.ts";
import type { ToyApp } from "../../test/fixtures/toy-provider/module.ts";
import { anAttempt } from "../../test/fixtures/attempts.ts";
import { aCall } from "../../test/fixtures/builders.ts";
import { createRecordingEvents } from "../../test/fixtures/gateway-doubles.ts";
import { listCredentialExpiries } from "../app/credential-expiries.ts";
import { describeApps } from "../app/summarize-config.ts";
import { buildVendorChecks } from "../checklist/vendor-checks.ts";
import { CHECK_TITLES } from "../checks/check.ts";
import { buildFeatureCaps } from "../dialects/feature-caps.ts";
import { createAlarms } from "../gateway/alarms.ts";
import type { GuardedProvider } from "../gateway/push-provider.ts";
import { sleep } from "../gateway/sleep.ts";
import { readNewDevice } from "../http/routes/device-body.ts";
import { buildAor } from "../push/address.ts";
import { ok } from "../push/finding.ts";
import { PROVIDER_REASONS } from "../telemetry/provider-reasons.ts";
import { isAppRefused } from "./app-refused.ts";
import { createProviderDirectory } from "./directory.ts";
import { explainReason } from "./explain-reason.ts";
import type { ProviderModule } from "./provider-module.ts";
import { nameProvider, PROVIDER_NAMES, type Apps, type ConfiguredApps } from "./providers.ts";

// The one line that registers it.
vi.mock("./registry.ts", async (importOriginal) => {
  const { REGISTERED } = await importOriginal<{ readonly REGISTERED: readonly ProviderModule[] }>();
  const { toy } = await import("../../test/fixtures/toy-provider/module.ts");
  return { REGISTERED: [...REGISTERED, toy] };
});

it("registers a phone of a new provider and sends to it", async () => {
  const app: ToyApp = { reached: [] };
  const events = createRecordingEvents();
  const alarms = createAlarms({ events, clock: Date.now });
  const guard = (provider: GuardedProvider): GuardedProvider => provider;
  const apps: Apps & { readonly toy: ToyApp } = { toy: app };
  const configured = { apps, domains: [] };
  await using directory = createProviderDirectory(configured, { clock: Date.now, sleep, alarms, events, guard });
  const body = { provider: "toy", token: "bear", environment: "production", keep_others: false } as const;
  const device = { ...readNewDevice(buildAor("bob", "example.org"), "bear", body), registeredAt: 0 };

  const provider = directory.find("example.org", device.provider);
  const attempt = anAttempt(aCall(), device);

  expect(device.tokens).toEqual({ registration: "bear" });
  expect(provider?.app).toBe("global/toy");
  await expect(provider?.send(attempt, new AbortController().signal)).resolves.toEqual({
    kind: "delivered",
    providerMessageId: "toy-1",
  });
  expect(app.reached).toEqual(["bear"]);
});

it("names a new provider and its answers wherever the others are named", () => {
  expect(PROVIDER_NAMES).toEqual(["apns", "fcm", "gcm", "toy"]);
  expect(buildFeatureCaps(["toy"])).toEqual(['*;+sip.pns="toy"']);
  expect(PROVIDER_REASONS).toContain("ToyGone");
  expect(nameProvider("toy")).toBe("Toymaker");
  expect(explainReason("ToyGone").meaning).toBe("The toy is gone.");
  expect(explainReason("HTTP 502").whatToDo).toContain("status.toy.example");
  expect([isAppRefused("ToyLocked"), isAppRefused("ToyGone")]).toEqual([true, false]);
  expect(renderProviderAnswers()).toMatch(/^## Toy$[\s\S]*\[`ToyGone`\]\(https:\/\/toy\.example\/answers\)/m);
});

it("checks and describes an app of a new provider, and watches its certificates", async () => {
  const app: ToyApp = { reached: ["bear"] };
  const apps: ConfiguredApps & { readonly toy: ToyApp } = { toy: app };
  const checks = buildVendorChecks({ apps, domains: [] }, Date.now);
  const found = await checks.at(-1)?.run(AbortSignal.timeout(5_000));

  expect(checks.map(({ name }) => name)).toEqual(["apple", "google", "toymaker"]);
  expect(CHECK_TITLES.get("toymaker")).toBe("Toymaker");
  expect(found).toEqual([ok("global/toy: the toy squeaks.")]);
  expect(describeApps("all domains", apps)).toEqual(["all domains: Toys, 1 of them reached"]);
  expect(listCredentialExpiries({ apps, domains: [], listeners: [] })).toEqual([
    { kind: "toy", file: "toy.pem", expiresAt: 1, app: "global", owner: "global/toy" },
  ]);
});

it("is not accepted by the compiler without one of its parts", () => {
  expect(NEEDS_EVERY_PART).toBe(true);
  expect(unopenable).not.toHaveProperty("createOpener");
});
