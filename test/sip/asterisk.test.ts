import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";
import { findAsterisk, startAsterisk, type Asterisk, type InstalledAsterisk } from "./asterisk.ts";
import { sendInvites } from "./invite.ts";
import { startRecorder, type Recorder } from "./recorder.ts";
import { findUdpPort, runSipp, type SippOptions, type SippRun } from "./sipp.ts";

const WAIT = { timeout: 15_000, interval: 50 };
const DEVICES = "/v1/subscribers/alice@example.org/devices";
const PIXEL = `pn-provider=fcm;pn-param=sip-pushd-simulator;pn-prid=${ANDROID_TOKEN.replaceAll(":", "%3A")}`;
const IPHONE =
  "pn-provider=apns;pn-param=SIMTEAM001.org.example.phone.remote%26voip;" +
  `pn-prid=${IPHONE_TOKENS.remote}:remote%26${IPHONE_TOKENS.voip}:voip`;

const installed = findAsterisk();

/** Debian 12 has no Asterisk: these run only if one is found (see `asterisk.ts`). */
describe.runIf(installed !== undefined)("the recipe for Asterisk, in an Asterisk", () => {
  let running: RunningGateway;
  let recorder: Recorder;
  let asterisk: Asterisk;
  let phones: AsyncDisposableStack;
  const onPush = new Map<string, () => void>();

  beforeEach(async () => {
    running = await startRunningGateway({
      config: (simulator) => `calls: { ttl_seconds: 10 }\n${buildAppsConfig(simulator)}`,
      simulator: { onAttempt: ({ token }) => onPush.get(token)?.() },
    });
    recorder = await startRecorder(running.plain);
    const { directory } = running;
    asterisk = await startAsterisk({
      installed: installed as InstalledAsterisk,
      gateway: recorder.url,
      waitSeconds: 4,
      directory,
    });
    phones = new AsyncDisposableStack();
  });
  afterEach(async () => {
    onPush.clear();
    await phones.disposeAsync();
    await asterisk[Symbol.asyncDispose]();
    await recorder[Symbol.asyncDispose]();
    await running[Symbol.asyncDispose]();
  });

  const sipp = async (scenario: string, rest: Partial<SippOptions> = {}): Promise<SippRun & { port: number }> => {
    const port = rest.port ?? (await findUdpPort());
    return Object.assign(phones.use(runSipp({ scenario, port, directory: running.directory, ...rest })), { port });
  };
  /** A phone's REGISTER, from the address that it is called at. */
  const register = async (contact: string): Promise<void> => {
    const run = await sipp("register", { to: asterisk.port, keys: { contact: `<${contact}>` } });
    await run.done;
  };
  /** Once a push wakes it, the phone registers. */
  const putToSleep = async (token: string, device: object, name: string, contact: string): Promise<void> => {
    await callApi(running, "PUT", `${DEVICES}/${name}`, device);
    onPush.set(token, () => {
      onPush.delete(token);
      void register(contact);
    });
  };
  const sleepingPixel = (contact: string) =>
    putToSleep(ANDROID_TOKEN, { provider: "fcm", token: ANDROID_TOKEN }, "pixel", contact);
  const sleepingIphone = (contact: string) =>
    putToSleep(IPHONE_TOKENS.voip, { provider: "apns", tokens: IPHONE_TOKENS }, "iphone", contact);
  const call = () => sipp("caller", { to: asterisk.port, callId: "asterisk-test@127.0.0.1" });

  const events = () => recorder.asked.filter(({ path }) => path.endsWith("/events"));
  const told = async () =>
    vi.waitFor(() => {
      const [event] = events();
      if (event === undefined) throw new Error(`no event was told:\n${asterisk.log()}`);
      return event.fields;
    }, WAIT);

  it("calls a phone that is there, which is not told that another one has answered", async () => {
    const phone = await sipp("phone-answers");
    await callApi(running, "PUT", `${DEVICES}/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
    await callApi(running, "PUT", `${DEVICES}/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
    await register(`sip:alice@127.0.0.1:${phone.port};${PIXEL}`);

    const caller = await call();
    await caller.done;
    await phone.done;

    const fields = await told();
    expect(fields.get("event")).toBe("answered");
    expect(fields.get("contact")).toMatch(new RegExp(`^sip:alice@127\\.0\\.0\\.1:${phone.port};.*pn-prid=`));
    expect(events()).toHaveLength(1);
    await vi.waitFor(async () => {
      const { body } = await callApi(running, "GET", "/v1/subscribers/alice@example.org/calls");
      expect(body).toMatchObject({ calls: [{ state: "answered", ended_by: "pixel" }] });
    }, WAIT);
    const ends = () =>
      running.simulator.mailbox.deliveries().filter(({ payload }) => JSON.stringify(payload).includes("call_end"));
    await vi.waitFor(() => expect(ends()).toHaveLength(1), WAIT);
    expect(ends().map(({ token }) => token)).not.toContain(ANDROID_TOKEN);
  });

  it("calls a phone that sleeps, and one that comes while that rings", async () => {
    const [early, late] = [await sipp("phone-rings-in-vain"), await sipp("phone-answers")];
    await sleepingIphone(`sip:alice@127.0.0.1:${early.port};${IPHONE}`);

    const caller = await call();
    await vi.waitFor(() => expect(asterisk.log()).toMatch(/PJSIP\/alice-\w+ is ringing/), WAIT);
    await register(`sip:alice@127.0.0.1:${late.port};${PIXEL}`);
    await caller.done;
    await late.done;
    await early.done;

    const fields = await told();
    expect(fields.get("event")).toBe("answered");
    expect(fields.get("contact")).toContain(`127.0.0.1:${late.port};`);
  });

  it("calls a phone that comes back at another address than its live binding", async () => {
    const phone = await sipp("phone-answers");
    await register(`sip:alice@127.0.0.1:${await findUdpPort()};${PIXEL}`);
    await sleepingPixel(`sip:alice@127.0.0.1:${phone.port};${PIXEL}`);

    const caller = await call();
    await caller.done;
    await phone.done;

    expect((await told()).get("event")).toBe("answered");
  });

  it("puts calls through although the gateway stands still", async () => {
    const phone = await sipp("phone-answers");
    await register(`sip:alice@127.0.0.1:${phone.port};${PIXEL}`);
    recorder.hang();

    const caller = await call();
    await caller.done;
    await phone.done;

    expect(recorder.asked.length).toBeGreaterThan(1);
  });

  it.each([
    [
      "an address of another endpoint",
      (port: number, other: number) => `sip:m@127.0.0.1:${port};a=1&PJSIP/bob/sip:127.0.0.1:${other}`,
    ],
    [
      "an address of its own endpoint",
      (port: number, other: number) => `sip:m@127.0.0.1:${port};a=1&PJSIP/alice/sip:127.0.0.1:${other}`,
    ],
    ["what looks like a time-out and options", (port: number) => `sip:m,1,x@127.0.0.1:${port}`],
  ])("calls nobody else where a Contact holds %s", async (_what, build) => {
    const phone = await sipp("phone-answers");
    const other = createSocket("udp4").bind(0, "127.0.0.1");
    await once(other, "listening");
    const heard: string[] = [];
    other.on("message", (message) => heard.push(String(message)));
    await register(build(phone.port, other.address().port));

    const caller = await call();
    await caller.done;
    await phone.done;

    other.close();
    expect(heard).toEqual([]);
    expect((await told()).get("event")).toBe("answered");
  });

  it("answers 480 where nobody comes, and says that the call was missed", async () => {
    await callApi(running, "PUT", `${DEVICES}/pixel`, { provider: "fcm", token: ANDROID_TOKEN });

    const answer = await sendInvites({ to: asterisk.port, callId: "nobody@127.0.0.1", times: 1 });

    expect(answer).toMatch(/^SIP\/2\.0 480 /);
    expect((await told()).get("event")).toBe("missed");
  });

  it("passes a 486 on, though another phone may still come, and says that the call was declined", async () => {
    const phone = await sipp("phone-is-busy");
    await register(`sip:alice@127.0.0.1:${phone.port};${PIXEL}`);

    const answer = await sendInvites({ to: asterisk.port, callId: "busy@127.0.0.1", times: 1 });

    expect(answer).toMatch(/^SIP\/2\.0 486 /);
    expect((await told()).get("event")).toBe("declined");
  });
});
