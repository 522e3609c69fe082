import { randomBytes } from "node:crypto";
import type { Attempt as Delivered } from "../simulator/mailbox.ts";
import { requestJson, type HttpTarget } from "../client/request-json.ts";

/** A phone that does not exist. The simulator keeps what it would have received. */
export interface Phone {
  readonly name: string;
  readonly id: string;
  readonly provider: "apns" | "fcm";
  /** Tokens for calls and for messages. */
  readonly tokens: { readonly call: string; readonly message: string };
  /** Reads a custom member of the push, as the app would. */
  readMember(payload: unknown, member: string): unknown;
  describe(delivered: Delivered): string;
}

export function createIphone(): Phone {
  return {
    name: "iPhone",
    id: "iphone",
    provider: "apns",
    tokens: { call: randomBytes(32).toString("hex"), message: randomBytes(32).toString("hex") },
    readMember: read,
    describe: ({ headers }) =>
      `APNs ${headers["apns-push-type"]}, topic ${headers["apns-topic"]}, priority ${headers["apns-priority"]}`,
  };
}

export function createAndroid(): Phone {
  const token = `${randomBytes(11).toString("base64url")}:APA91b${randomBytes(90).toString("base64url")}`;
  return {
    name: "Android",
    id: "android",
    provider: "fcm",
    tokens: { call: token, message: token },
    readMember: (payload, member) => read(read(read(payload, "message"), "data"), member),
    describe({ payload }) {
      const android = read(read(payload, "message"), "android");
      return `FCM data, priority ${String(read(android, "priority"))}, ttl ${String(read(android, "ttl"))}`;
    },
  };
}

function read(value: unknown, member: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, member) : undefined;
}

/** Registers the phone's tokens, as the app does after its start. */
export async function registerPhone(target: HttpTarget, subscriber: string, phone: Phone): Promise<void> {
  const { provider, name, tokens } = phone;
  const body =
    provider === "apns"
      ? { provider, name, tokens: { voip: tokens.call, remote: tokens.message } }
      : { provider, name, token: tokens.call };
  const path = `/v1/subscribers/${encodeURIComponent(subscriber)}/devices/${phone.id}`;
  const { status, body: answer } = await requestJson(target, { method: "PUT", path, body });
  if (status !== 201) throw new Error(`registering the ${name} was answered with ${status}: ${JSON.stringify(answer)}`);
}
