import { expect, vi } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import type { Attempt } from "../../src/simulator/mailbox.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";
import { startKamailio } from "./kamailio.ts";
import { sendRegister } from "./register.ts";
import { findUdpPort, runSipp, type SippRun } from "./sipp.ts";

const DEVICES = "/v1/subscribers/alice@example.org/devices";

export type PhoneName = "iphone" | "pixel";

interface PhoneKind {
  readonly device: object;
  /** Token by which a call wakes it. */
  readonly token: string;
  /** Parameters of its Contact's URI. */
  readonly parameters: string;
  /** `+sip.instance` */
  readonly instance: string;
}

export const PHONES: Readonly<Record<PhoneName, PhoneKind>> = {
  iphone: {
    device: { provider: "apns", tokens: IPHONE_TOKENS },
    token: IPHONE_TOKENS.voip,
    parameters:
      "pn-provider=apns;pn-param=SIMTEAM001.org.example.phone.remote%26voip;" +
      `pn-prid=${IPHONE_TOKENS.remote}:remote%26${IPHONE_TOKENS.voip}:voip`,
    instance: "urn:uuid:11111111-2222-4333-8444-555555555555",
  },
  pixel: {
    device: { provider: "fcm", token: ANDROID_TOKEN },
    token: ANDROID_TOKEN,
    parameters: `pn-provider=fcm;pn-param=sip-pushd-simulator;pn-prid=${ANDROID_TOKEN.replaceAll(":", "%3A")}`,
    instance: "urn:uuid:99999999-2222-4333-8444-555555555555",
  },
};

/** Behaviour of a called phone. */
type PhoneScenario = "phone-answers" | "phone-answers-gruu" | "phone-is-busy" | "phone-rings-in-vain";

export interface SleepingPhone {
  readonly scenario: PhoneScenario;
  /** Time from the push to its REGISTER. */
  readonly wakesAfterMs: number;
  /** How it states its own address; "register" by default. */
  readonly registers?: "register" | "register-with-port";
}

export interface SipStage extends AsyncDisposable {
  readonly running: RunningGateway;
  readonly proxy: SipProxy;
  /** Registers a device whose phone sleeps until a push wakes it. Returns its SIP side. */
  putToSleep(name: PhoneName, phone: SleepingPhone): Promise<SippRun>;
  /** Registers a phone by SIP before it is called. Returns its SIP side. */
  keepAwake(name: PhoneName, scenario: PhoneScenario): Promise<SippRun>;
  /** Registers a device whose phone does not wake up. */
  switchOff(name: PhoneName): Promise<void>;
  call(scenario: "caller" | "caller-480" | "caller-486" | "caller-cancels", callId: string): Promise<SippRun>;
  /** Returns the pushes that reached phones. */
  pushes(): readonly Attempt[];
}

const LEARNED = { timeout: 10_000, interval: 50 };

/** Long enough for a phone to wake, short enough for a test to wait for the end. */
const PARK_MS = 4_000;

export interface SipProxy extends AsyncDisposable {
  readonly port: number;
}

export interface SipProxyOptions {
  /** `host:port` of the gateway's plain listener. */
  readonly gateway: string;
  readonly parkMs: number;
  readonly directory: string;
}

/** Starts a proxy (Kamailio by default), the gateway, simulated Apple and Google, and phones that a push wakes. */
export async function openSipStage(
  startProxy: (options: SipProxyOptions) => Promise<SipProxy> = startKamailio,
): Promise<SipStage> {
  await using opened = new AsyncDisposableStack();
  const wake = new Map<string, () => void>();
  const running = opened.use(
    await startRunningGateway({
      config: (simulator) => `calls: { ttl_seconds: 10 }\n${buildAppsConfig(simulator)}`,
      simulator: { onAttempt: (attempt) => (isWaking(attempt) ? wake.get(attempt.token)?.() : undefined) },
    }),
  );
  const { directory } = running;
  const gateway = new URL(running.plain).host;
  const proxy = opened.use(await startProxy({ gateway, parkMs: PARK_MS, directory }));
  const stage = opened.move();
  const register = async (name: PhoneName): Promise<void> => {
    const { status, body } = await callApi(running, "PUT", `${DEVICES}/${name}`, PHONES[name].device);
    if (status >= 300) throw new Error(`the device was not registered: ${JSON.stringify(body)}`);
  };
  return {
    running,
    proxy,
    async putToSleep(name, { scenario, wakesAfterMs, registers = "register" }) {
      await register(name);
      const { token, parameters } = PHONES[name];
      const port = await findUdpPort();
      const phone = stage.use(runSipp({ scenario, port, directory }));
      const signIn = async (): Promise<void> => {
        const keys = { contact: `<sip:alice@127.0.0.1:${port};${parameters}>` };
        stage.use(runSipp({ scenario: registers, port: await findUdpPort(), to: proxy.port, keys, directory }));
      };
      wake.set(token, () => {
        wake.delete(token);
        setTimeout(() => void signIn(), wakesAfterMs);
      });
      return phone;
    },
    async keepAwake(name, scenario) {
      const { parameters, instance } = PHONES[name];
      const port = await findUdpPort();
      const own = `sip:alice@127.0.0.1:${port}`;
      const contact = `<${own};${parameters}>;+sip.instance="<${instance}>"`;
      const registered = await sendRegister({ to: proxy.port, contact });
      // Linphone answers from its public GRUU if the registrar has assigned one, otherwise from its own address.
      const gruu = /pub-gruu="([^"]+)"/.exec(registered)?.[1] ?? `${own};gr=${instance}`;
      const keys = { answer_contact: `<${gruu}>;+sip.instance="<${instance}>"` };
      const phone = stage.use(runSipp({ scenario, port, keys, directory }));
      // The proxy relays the REGISTER later.
      await vi.waitFor(async () => {
        const { body } = await callApi(running, "GET", DEVICES);
        expect(body).toMatchObject({
          devices: expect.arrayContaining([expect.objectContaining({ device: instance })]),
        });
      }, LEARNED);
      return phone;
    },
    switchOff: register,
    async call(scenario, callId) {
      const port = await findUdpPort();
      return stage.use(runSipp({ scenario, port, to: proxy.port, callId, directory }));
    },
    pushes: () => running.simulator.mailbox.deliveries(),
    [Symbol.asyncDispose]: () => stage.disposeAsync(),
  };
}

/** Returns true if the push reached the phone and does not report a call's end. */
function isWaking({ fate, payload }: Attempt): boolean {
  return fate === "delivered" && !JSON.stringify(payload).includes("call_end");
}
