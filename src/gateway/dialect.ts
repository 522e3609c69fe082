import type { Aor } from "../push/address.ts";
import type { Call, CallEvent } from "../push/call.ts";
import type { Device } from "../push/device.ts";
import type { PushRequest } from "../push/push.ts";
import type { CallSelector } from "./calls/calls.ts";
import type { Receipt } from "./accept/accept-push.ts";
import type { GatewayError } from "./errors.ts";

export type ForeignMethod = "GET" | "POST" | "PUT" | "DELETE";

/** A platform's request as it came in, undecoded. */
export interface ForeignRequest {
  readonly method: ForeignMethod;
  /**
   * Without the query. The path as the dialect names it, or as it was sent if it matched a path that ends with `/*`.
   */
  readonly path: string;
  /** The part after the first `?`, one character per byte; empty if there is none. */
  readonly rawQuery: string;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

/** A platform's request to register or remove a device. */
export type DeviceOrder =
  | { readonly kind: "register"; readonly device: Omit<Device, "registeredAt"> }
  | { readonly kind: "unregister"; readonly subscriber: Aor; readonly deviceId: string };

/** An event of a call. */
export interface CallNotice {
  readonly selector: CallSelector;
  readonly event: CallEvent;
  /** The Contact of the phone that answered or declined, if the event does not name its device. */
  readonly contact?: string;
  /** Push to the phones in the platform's own form; undefined to use the gateway's. */
  readonly push?: PushRequest;
}

/** Result of a request. */
export type ForeignResult =
  | { readonly kind: "pushed"; readonly receipt: Receipt }
  /** The answer was held until the call had this state; undefined if there is no such call. */
  | { readonly kind: "awaited"; readonly receipt: Receipt; readonly call: Call | undefined }
  /** The selected calls, after the event. */
  | { readonly kind: "heard"; readonly calls: readonly Call[] }
  | { readonly kind: "registered"; readonly created: boolean }
  | { readonly kind: "unregistered"; readonly removed: boolean }
  /** The request is of no use here. */
  | { readonly kind: "ignored" }
  /** `status` is what the gateway's own API would answer. */
  | { readonly kind: "refused"; readonly error: GatewayError; readonly status: number };

export interface ForeignAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Reads one platform's requests for pushes. */
export interface Dialect {
  /** For logs and metrics. */
  readonly name: string;
  /** A path that ends with `/*` matches everything below it. */
  readonly paths: readonly string[];
  /** GET and POST by default. */
  readonly methods?: readonly ForeignMethod[];
  readonly bodyLimitBytes: number;
  /**
   * If set, a message to a subscriber without a device is suppressed with 200 instead of refused, because the platform
   * sends messages for all of its users and takes a refusal for a fault. Calls are still refused.
   */
  readonly suppressesUnreachableMessages?: true;
  /**
   * How long to hold the answer to a call until a phone has registered or none can. After that the platform continues
   * without the phone, and the call is over for the phones. Undefined: the answer is not held.
   */
  readonly holdMs?: number;
  /**
   * Pure; called first. Returns true for a message that the platform addresses to its own server and that has no
   * meaning here.
   */
  ignores?(request: ForeignRequest): boolean;
  /** Pure. Throws a GatewayError that names the field, with a hint for the operator if the sender is known. */
  read(request: ForeignRequest): PushRequest;
  /** Pure. Returns the names of fields that look like wishes and have no effect, out of a fixed set of names. */
  listIgnoredFields?(request: ForeignRequest): readonly string[];
  /** Pure; called before `read` by a dialect that registers devices. Returns undefined if the request is for a push. */
  readDevice?(request: ForeignRequest): DeviceOrder | undefined;
  /** Pure; called before `read` by a dialect that follows calls. Returns undefined if the request is for a push. */
  readCallNotice?(request: ForeignRequest): CallNotice | undefined;
  /** Pure. Returns the answer in the platform's form. By default it is a JSON receipt, or problem details. */
  readonly answer?: (result: ForeignResult) => ForeignAnswer;
}
