/**
 * Tells sip-pushd of every phone that registers at Asterisk: a call that waits for it goes on at once, and the phone is known by the
 * tokens in its Contact (RFC 8599, Linphone, …). Asterisk's manager interface says it; see manager.conf. Of a phone that registers
 * again under the same Contact it says so only with send_contact_status_on_update_registration = yes in pjsip.conf, [global].
 *
 *   AMI_SECRET=… PUSH_DOMAIN=example.org node relay-registrations.mjs
 */
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";

const {
  AMI_HOST = "127.0.0.1",
  AMI_PORT = "5038",
  AMI_USER = "sip-pushd",
  AMI_SECRET = "",
  PUSH_GATEWAY = "http://127.0.0.1:45059",
  PUSH_DOMAIN = "",
  PUSH_KEY = "",
} = process.env;

/** Not `Removed`, which is also said of a phone that sleeps for longer than its registration lasts: it is to be woken all the same. */
const ARRIVED = new Set(["NonQualified", "Reachable", "Created", "Updated"]);
const RECONNECT_MS = 2_000;
/** A gateway that stands still must not pile up requests here. */
const ANSWER_MS = 5_000;

async function relay(event) {
  const body = new URLSearchParams({
    aor: `${event.get("AOR")}@${PUSH_DOMAIN}`,
    contact: `<${event.get("URI")}>`,
  });
  const headers = PUSH_KEY === "" ? {} : { authorization: `Bearer ${PUSH_KEY}` };
  const response = await fetch(`${PUSH_GATEWAY}/v1/registrations`, {
    method: "POST",
    body,
    headers,
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (!response.ok) console.error(`sip-pushd refused a registration: ${response.status} ${await response.text()}`);
}

/** Until the connection ends. */
async function followManager() {
  const socket = connect(Number(AMI_PORT), AMI_HOST);
  await once(socket, "connect");
  socket.write(`Action: Login\r\nUsername: ${AMI_USER}\r\nSecret: ${AMI_SECRET}\r\nEvents: system\r\n\r\n`);
  const message = new Map();
  for await (const line of createInterface({ input: socket })) {
    const [, name, value] = /^([^:]+): (.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) message.set(name, value);
    if (line !== "") continue;
    if (message.get("Response") === "Error") throw new Error(`Asterisk's manager says: ${message.get("Message")}`);
    if (message.get("Event") === "ContactStatus" && ARRIVED.has(message.get("ContactStatus"))) {
      relay(message).catch((error) => console.error("sip-pushd is out of reach:", error));
    }
    message.clear();
  }
}

for (;;) {
  await followManager().catch((error) => console.error(String(error)));
  await pause(RECONNECT_MS);
}
