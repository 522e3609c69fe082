import { readJsonOrText, type Exchange } from "../exchange.ts";
import { isPushType, type PushType } from "./topic.ts";

/** A request to APNs as it arrived, unchecked. */
export interface ApnsRequest {
  readonly method: string;
  readonly path: string;
  /** The part after `/3/device/`; undefined for any other path. */
  readonly token: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly duplicateHeaders: readonly string[];
  readonly pushType: PushType | undefined;
  readonly topic: string | undefined;
  readonly body: Buffer;
  /** The body parsed as JSON, or its text if it is not JSON. */
  readonly payload: unknown;
}

const DEVICE_PATH = "/3/device/";

export function readApnsRequest({ method, path, headers, duplicateHeaders, body }: Exchange): ApnsRequest {
  const pushType = headers["apns-push-type"];
  return {
    method,
    path,
    token: path.startsWith(DEVICE_PATH) ? path.slice(DEVICE_PATH.length) : undefined,
    headers,
    duplicateHeaders,
    pushType: pushType !== undefined && isPushType(pushType) ? pushType : undefined,
    topic: headers["apns-topic"],
    body,
    payload: readJsonOrText(body),
  };
}
