import { randomUUID } from "node:crypto";

/** One request exactly as a platform writes it. */
export interface Scene {
  /** The sender and its purpose. */
  readonly title: string;
  readonly kind: "call" | "message";
  /** TLS on the main port, or plain HTTP on the loopback port. */
  readonly listener: "tls" | "plain";
  /** Head and body, byte for byte. */
  readonly request: string;
  /** Value that both phones must show. */
  readonly expected: { readonly member: "caller" | "message"; readonly value: string };
}

/** Returns the requests of the three Sipwise clients for a call or message to `user@domain`. */
export function buildScenes(user: string, domain: string): readonly Scene[] {
  return [buildSemsCall(user, domain), buildProxyCall(user, domain), buildProsodyMessage(user, domain)];
}

/** SEMS encodes nothing, so the plus sign is sent unencoded. */
function buildSemsCall(user: string, domain: string): Scene {
  const caller = "+4315551234";
  const target = `/mobilepush/?caller=${caller}&callee=${user}&domain=${domain}`;
  return {
    title: `SEMS: ${caller} calls`,
    kind: "call",
    listener: "tls",
    request: `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n`,
    expected: { member: "caller", value: caller },
  };
}

/** The proxy's Lua class ends its form with an ampersand. */
function buildProxyCall(user: string, domain: string): Scene {
  const caller = "+43 1 99001";
  const form = { callee: user, domain, caller };
  const body = Object.entries(form)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}&`)
    .join("");
  return {
    title: `NGCP proxy: ${caller} calls`,
    kind: "call",
    listener: "plain",
    request: buildPost("*/*", body),
    expected: { member: "caller", value: caller },
  };
}

function buildProsodyMessage(user: string, domain: string): Scene {
  const text = "Are we still on for lunch? 🍜";
  const form = new URLSearchParams({
    callee: user,
    domain,
    push_id: randomUUID(),
    data_type: "message",
    data_sender_jid: `bob@${domain}`,
    data_sender_sip: `bob@${domain}`,
    data_sender_name: "Bob",
    data_sender_number: "431002",
    data_message: text,
    data_full_message: `<message from='bob@${domain}/phone' to='${user}@${domain}' type='chat'><body>${text}</body></message>`,
    data_silent: "0",
    apns_alert: `Message from Bob:\n${text}`,
    apns_sound: "incoming_message.caf",
    apns_badge: "1",
  });
  return {
    title: "Prosody: Bob writes",
    kind: "message",
    listener: "tls",
    request: buildPost(undefined, form.toString()),
    expected: { member: "message", value: text },
  };
}

function buildPost(accept: string | undefined, body: string): string {
  const head = [
    "POST /push HTTP/1.1",
    "Host: localhost",
    ...(accept === undefined ? ["User-Agent: Prosody XMPP Server"] : [`Accept: ${accept}`]),
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}
