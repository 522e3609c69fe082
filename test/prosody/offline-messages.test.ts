import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pollUntil } from "../faults/poll-until.ts";
import { ANDROID_TOKEN, IPHONE_TOKENS } from "../fixtures/builders.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";
import { PASSWORD, startProsody, type Prosody } from "./prosody.ts";
import { refuseOnce } from "./refuse-once.ts";
import { connectXmpp, type XmppClient } from "./xmpp-client.ts";

const BOB = "/v1/subscribers/bob@example.org";
const MESSAGE = "<message type='chat' id='m1' to='bob@example.org'><body>Lunch? &amp; a walk 😀</body></message>";
const SMACKS = "urn:xmpp:sm:3";
const CAROLS_TOKEN = `${ANDROID_TOKEN}OfCarol`;

let running: RunningGateway;
let prosody: Prosody;
let alice: XmppClient;

async function open(settings = "", gateway = running.plain): Promise<void> {
  const { directory } = running;
  prosody = await startProsody({ gateway, directory, settings, users: ["alice", "bob", "carol"] });
  alice = await connectXmpp({ port: prosody.port, address: "alice@example.org", password: PASSWORD });
}

/** Connects bob. An available user gets messages directly. */
async function connectBob(): Promise<XmppClient> {
  const bob = await connectXmpp({ port: prosody.port, address: "bob@example.org", password: PASSWORD });
  bob.send("<presence/>");
  await bob.waitFor(/<presence [^>]*from='bob@example.org/);
  return bob;
}

/** Returns the pushes up to one for a message to Carol; by then everything sent before has been processed. */
async function pushesUntilCarols(): Promise<readonly string[]> {
  const { mailbox } = running.simulator;
  alice.send("<message type='chat' id='last' to='carol@example.org'><body>That was all</body></message>");
  await mailbox.waitFor(({ token }) => token === CAROLS_TOKEN);
  return mailbox.deliveries().map(({ token }) => token);
}

beforeEach(async () => {
  running = await startRunningGateway();
  await callApi(running, "PUT", `${BOB}/devices/iphone`, { provider: "apns", tokens: IPHONE_TOKENS });
  await callApi(running, "PUT", `${BOB}/devices/pixel`, { provider: "fcm", token: ANDROID_TOKEN });
  const carols = "/v1/subscribers/carol@example.org/devices/phone";
  await callApi(running, "PUT", carols, { provider: "fcm", token: CAROLS_TOKEN });
});
afterEach(async () => {
  alice[Symbol.dispose]();
  await prosody[Symbol.asyncDispose]();
  await running[Symbol.asyncDispose]();
});

describe("a message to somebody who is not connected", () => {
  it("wakes his phones, and waits for him", async () => {
    await open();

    alice.send(MESSAGE);

    const { mailbox } = running.simulator;
    await expect(mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.remote)).resolves.toMatchObject({
      headers: { "apns-push-type": "alert" },
      payload: {
        aps: { alert: "Message from alice@example.org:\nLunch? & a walk 😀", sound: "default" },
        type: "message",
        message: "Lunch? & a walk 😀",
        sender_jid: "alice@example.org",
      },
    });
    await expect(mailbox.waitFor(({ token }) => token === ANDROID_TOKEN)).resolves.toMatchObject({
      payload: { message: { data: { message: "Lunch? & a walk 😀", sender_jid: "alice@example.org" } } },
    });
    using bob = await connectBob();
    await expect(bob.waitFor(/<body>Lunch\?/)).resolves.toBeDefined();
  });

  it("is said silently, where he has muted the sender", async () => {
    await callApi(running, "PATCH", `${BOB}/preferences`, { mobile_push_silent_list: ["alice@example.org"] });
    await open();

    alice.send(MESSAGE);

    const push = await running.simulator.mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.remote);
    expect(push.headers).toMatchObject({ "apns-push-type": "background" });
    expect(push.payload).not.toHaveProperty("aps.alert");
  });

  it("keeps its text to itself, where the host is told so", async () => {
    await open("sip_pushd_show_text = false");

    alice.send(MESSAGE);

    const push = await running.simulator.mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.remote);
    expect(push.payload).toMatchObject({ aps: { alert: "Message from alice@example.org" } });
    expect(JSON.stringify(push.payload)).not.toContain("Lunch");
  });

  it("wakes nobody for a chat state, and for an invitation says where to", async () => {
    await open();

    alice.send(
      "<message type='chat' to='bob@example.org'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>",
    );
    alice.send(
      "<message to='bob@example.org'><x xmlns='jabber:x:conference' jid='tea@conference.example.org'/></message>",
    );

    const { mailbox } = running.simulator;
    await mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.remote);
    await mailbox.waitFor(({ token }) => token === ANDROID_TOKEN);
    expect(mailbox.deliveries()).toHaveLength(2);
    expect(mailbox.deliveries()).toContainEqual(
      expect.objectContaining({
        payload: expect.objectContaining({ type: "invite", room_jid: "tea@conference.example.org" }),
      }),
    );
  });
});

describe("a message to somebody who is connected", () => {
  it("wakes no phone", async () => {
    await open();
    using bob = await connectBob();

    alice.send(MESSAGE);

    await bob.waitFor(/<body>Lunch\?/);
    expect(await pushesUntilCarols()).toEqual([CAROLS_TOKEN]);
  });

  it("wakes his phones once if the connection is a lost one, which mod_smacks still counts and then gives up", async () => {
    await open("smacks_hibernation_time = 1");
    const bob = await connectBob();
    bob.send(`<enable xmlns='${SMACKS}' resume='true'/>`);
    await bob.waitFor(/<enabled /);
    bob[Symbol.dispose]();

    alice.send(MESSAGE);

    await running.simulator.mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.remote);
    await pollUntil("the session to be given up", 10_000, () => prosody.log().includes("Hibernating too long"));
    const pushes = await pushesUntilCarols();
    expect(pushes.toSorted()).toEqual([IPHONE_TOKENS.remote, ANDROID_TOKEN, CAROLS_TOKEN].toSorted());
  });
});

describe("a message while the gateway is overloaded", () => {
  it("is told to it again, and wakes the phones then", async () => {
    await using front = await refuseOnce(running.plain);
    await open("", front.url);

    alice.send(MESSAGE);

    await running.simulator.mailbox.waitFor(({ token }) => token === IPHONE_TOKENS.remote);
    await expect.poll(front.statuses).toEqual([503, 202]);
  });
});
