import { createHash } from "node:crypto";
import type { PushKind } from "../../src/push/push.ts";
import { pollUntil } from "./poll-until.ts";
import type { PushClient } from "./push-client.ts";

const REGISTER_TIMEOUT_MS = 10_000;

/** A subscriber with an iPhone; every second one has an Android phone as well. */
export interface TestSubscriber {
  readonly aor: string;
  readonly voip: string;
  readonly remote: string;
  readonly registration: string | undefined;
}

export function buildSubscribers(count: number, domain = "example.org"): readonly TestSubscriber[] {
  return Array.from({ length: count }, (_, index) => ({
    aor: `user${index}@${domain}`,
    voip: digest(`voip ${index} ${domain}`),
    remote: digest(`remote ${index} ${domain}`),
    registration: index % 2 === 0 ? `fault:APA91b-${digest(`registration ${index} ${domain}`)}` : undefined,
  }));
}

/** Returns the tokens to which a push of this kind goes. */
export function tokensFor({ voip, remote, registration }: TestSubscriber, kind: PushKind): readonly string[] {
  const apple = kind === "call" ? voip : remote;
  return registration === undefined ? [apple] : [apple, registration];
}

export async function registerDevices(client: PushClient, subscribers: readonly TestSubscriber[]): Promise<void> {
  for (const { aor, voip, remote, registration } of subscribers) {
    const devices = `/v1/subscribers/${encodeURIComponent(aor)}/devices`;
    await putDevice(client, `${devices}/iphone`, { provider: "apns", tokens: { voip, remote } });
    if (registration !== undefined)
      await putDevice(client, `${devices}/pixel`, { provider: "fcm", token: registration });
  }
}

async function putDevice(client: PushClient, path: string, body: object): Promise<void> {
  // A 503 asks for a repeat: a gateway that was just started may be slow on a busy machine.
  await pollUntil(`PUT ${path} to be done`, REGISTER_TIMEOUT_MS, async () => {
    const status = await client.put(path, body);
    if (status === 503) return "it was answered with 503";
    if (status !== 201 && status !== 200) throw new Error(`PUT ${path} was answered with ${status}`);
    return true;
  });
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
