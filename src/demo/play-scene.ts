import type { Attempt as Delivered, Mailbox } from "../simulator/mailbox.ts";
import type { HttpTarget } from "../client/request-json.ts";
import type { Phone } from "./phones.ts";
import { sendRaw } from "./raw-request.ts";
import type { Scene } from "./scenes.ts";

export interface PhoneResult {
  readonly phone: string;
  readonly received: boolean;
  /** Time from the request to the phone. */
  readonly ms?: number;
  /** Text that the phone shows. */
  readonly shows?: string;
  /** How the push was sent, in the provider's terms. */
  readonly how?: string;
}

export interface SceneResult {
  readonly title: string;
  readonly request: string;
  readonly status: number;
  readonly answeredInMs: number;
  readonly phones: readonly PhoneResult[];
}

const PATIENCE_MS = 10_000;

/** Sends the scene's request and waits until each phone has the expected push, or the time is over. */
export async function playScene(
  scene: Scene,
  target: HttpTarget,
  phones: readonly Phone[],
  mailbox: Mailbox,
): Promise<SceneResult> {
  const startedAt = Date.now();
  const [request = ""] = scene.request.split(" HTTP/1.1", 1);
  const status = await sendRaw(target, scene.request);
  const answeredInMs = Date.now() - startedAt;
  const results = await Promise.all(phones.map((phone) => awaitPhone(scene, phone, mailbox, startedAt)));
  return { title: scene.title, request, status, answeredInMs, phones: results };
}

async function awaitPhone(scene: Scene, phone: Phone, mailbox: Mailbox, startedAt: number): Promise<PhoneResult> {
  const { member, value } = scene.expected;
  const fits = (delivered: Delivered): boolean =>
    delivered.token === phone.tokens[scene.kind] && phone.readMember(delivered.payload, member) === value;
  try {
    const delivered = await mailbox.waitFor(fits, { timeoutMs: PATIENCE_MS });
    return {
      phone: phone.name,
      received: true,
      ms: delivered.receivedAt - startedAt,
      shows: scene.kind === "call" ? `rings: ${value}` : `shows: ${value}`,
      how: phone.describe(delivered),
    };
  } catch {
    return { phone: phone.name, received: false };
  }
}
