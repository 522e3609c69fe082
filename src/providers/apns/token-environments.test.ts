import { describe, expect, it } from "vitest";
import { IPHONE_TOKENS } from "../../../test/fixtures/builders.ts";
import { createManualClock } from "../../../test/fixtures/clocks.ts";
import type { Environment } from "../../push/device.ts";
import type { Outcome } from "../../push/outcome.ts";
import { TokenEnvironments } from "./token-environments.ts";

const TARGET = { token: IPHONE_TOKENS.voip, environment: "production" } as const;
const TAKEN: Outcome = { kind: "delivered", providerMessageId: "1" };
const UNKNOWN: Outcome = { kind: "rejected", reason: "BadDeviceToken", suspect: "token" };
const HOUR_MS = 3_600_000;

/** Apple's answers in each environment, with a record of the environments tried. */
function arrange(answers: Partial<Record<Environment, Outcome>> = {}) {
  const clock = createManualClock();
  const environments = new TokenEnvironments(clock);
  const asked: Environment[] = [];
  const ask = async (environment: Environment): Promise<Outcome> => {
    asked.push(environment);
    return answers[environment] ?? UNKNOWN;
  };
  const send = (target: Parameters<TokenEnvironments["send"]>[0] = TARGET) => environments.send(target, ask);
  return { clock, asked, answers, send };
}

describe("a token that its environment takes", () => {
  it("is sent there alone, and nothing is said of the environment", async () => {
    const { send, asked } = arrange({ production: TAKEN });

    expect(await send()).toEqual(TAKEN);
    expect(asked).toEqual(["production"]);
  });

  it.each<Outcome>([
    { kind: "unregistered", reason: "Unregistered" },
    { kind: "rejected", reason: "DeviceTokenNotForTopic", suspect: "token" },
    { kind: "rejected", reason: "PayloadTooLarge", suspect: "push" },
    { kind: "deferred", reason: "ServiceUnavailable" },
    { kind: "misconfigured", reason: "InvalidProviderToken" },
  ])("is not asked about elsewhere after %j", async (production) => {
    const { send, asked } = arrange({ production, sandbox: TAKEN });

    expect(await send()).toEqual(production);
    expect(asked).toEqual(["production"]);
  });
});

describe("a token of the other environment", () => {
  it("is delivered there in the same attempt, and the environment is named", async () => {
    const { send, asked } = arrange({ sandbox: TAKEN });

    expect(await send()).toEqual({ ...TAKEN, environment: "sandbox" });
    expect(asked).toEqual(["production", "sandbox"]);
  });

  it("is sent there at once from then on, whatever the device goes on saying", async () => {
    const { send, asked, clock } = arrange({ sandbox: TAKEN });
    await send();
    asked.length = 0;
    clock.advance(23 * HOUR_MS);

    const again = await send();
    const corrected = await send({ ...TARGET, environment: "sandbox" });

    expect(again).toEqual({ ...TAKEN, environment: "sandbox" });
    expect(corrected).toEqual(TAKEN);
    expect(asked).toEqual(["sandbox", "sandbox"]);
  });

  it("is dead where the environment that knows it says so", async () => {
    const dead: Outcome = { kind: "unregistered", reason: "Unregistered", deadSince: 1 };
    const { send } = arrange({ sandbox: dead });

    expect(await send()).toEqual(dead);
  });
});

describe("a token that both environments refuse", () => {
  it("keeps the first answer, and is sent to one of them alone for an hour", async () => {
    const { send, asked, clock } = arrange();

    const answers = [await send(), await send()];
    clock.advance(HOUR_MS - 1);
    await send();
    expect(asked).toEqual(["production", "sandbox", "production", "production"]);
    clock.advance(1);
    await send();

    expect(answers).toEqual([UNKNOWN, UNKNOWN]);
    expect(asked.slice(4)).toEqual(["production", "sandbox"]);
  });

  it("is remembered for no more tokens than the memory is to hold", async () => {
    const { send, asked } = arrange();
    const tokens = Array.from({ length: 10_001 }, (_, number) => number.toString(16).padStart(8, "0"));
    for (const token of tokens) await send({ ...TARGET, token });
    asked.length = 0;

    await send({ ...TARGET, token: tokens.at(-1) ?? "" });
    await send({ ...TARGET, token: tokens[0] ?? "" });

    expect(asked).toEqual(["production", "production", "sandbox"]);
  });
});

describe("credentials that do not serve the other environment", () => {
  it.each<[string, Outcome, number]>([
    ["an hour", { kind: "misconfigured", reason: "BadCertificateEnvironment" }, HOUR_MS],
    ["an hour", { kind: "misconfigured", reason: "BadEnvironmentKeyIdInToken" }, HOUR_MS],
    ["a minute", { kind: "deferred", reason: "not_reached" }, 60_000],
  ])("leave the first answer, and are not tried there again for %s after %j", async (_long, sandbox, closedMs) => {
    const { send, asked, clock } = arrange({ sandbox });

    expect(await send()).toEqual(UNKNOWN);
    clock.advance(closedMs - 1);
    await send({ ...TARGET, token: IPHONE_TOKENS.remote });
    expect(asked).toEqual(["production", "sandbox", "production"]);
    clock.advance(1);
    await send({ ...TARGET, token: IPHONE_TOKENS.remote });

    expect(asked.slice(3)).toEqual(["production", "sandbox"]);
  });

  it("do not make the token one that both refuse", async () => {
    const { send, answers, clock } = arrange({ sandbox: { kind: "deferred", reason: "not_reached" } });
    await send();
    answers.sandbox = TAKEN;
    clock.advance(60_000);

    expect(await send()).toEqual({ ...TAKEN, environment: "sandbox" });
  });
});
