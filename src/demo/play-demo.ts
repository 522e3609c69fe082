import { followCall, type CallResult } from "./follow-call.ts";
import { createAndroid, createIphone, registerPhone } from "./phones.ts";
import { playScene, type SceneResult } from "./play-scene.ts";
import { buildScenes } from "./scenes.ts";
import type { Stage } from "./stage.ts";

const USER = "alice";
const DOMAIN = "example.org";
/** The subscriber of the demo. */
export const DEMO_SUBSCRIBER = `${USER}@${DOMAIN}`;

/** Addresses are URLs. */
export interface DemoResult {
  /** True if both phones got everything. */
  readonly ok: boolean;
  readonly gateway: { readonly tls: string; readonly plain: string };
  readonly simulator: { readonly control: string };
  readonly scenes: readonly SceneResult[];
  readonly call: CallResult;
}

export interface DemoView {
  readonly onScene: (result: SceneResult, number: number) => void;
  readonly onCall: (result: CallResult, number: number) => void;
}

/** Registers two phones, plays the scenes one after the other, and follows a call to its end. */
export async function playDemo(stage: Stage, { onScene, onCall }: DemoView): Promise<DemoResult> {
  const [winner, loser] = [createIphone(), createAndroid()];
  const phones = [winner, loser];
  for (const phone of phones) await registerPhone(stage.plain, DEMO_SUBSCRIBER, phone);
  const { mailbox, control } = stage.simulator;
  const scenes: SceneResult[] = [];
  for (const scene of buildScenes(USER, DOMAIN)) {
    const result = await playScene(scene, stage[scene.listener], phones, mailbox);
    scenes.push(result);
    onScene(result, scenes.length);
  }
  const call = await followCall({ target: stage.plain, subscriber: DEMO_SUBSCRIBER, winner, loser, mailbox });
  onCall(call, scenes.length + 1);
  const areSent = scenes.every(({ status, phones: to }) => status === 200 && to.every(({ received }) => received));
  const gateway = { tls: nameLocally(stage.tls.url), plain: nameLocally(stage.plain.url) };
  return { ok: areSent && call.ok, gateway, simulator: { control }, scenes, call };
}

function nameLocally({ origin }: URL): string {
  return origin.replace("127.0.0.1", "localhost");
}
