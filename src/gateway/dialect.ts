import type { Aor } from "../push/address.ts";
import type { Call, CallEvent } from "../push/call.ts";
import type { Device } from "../push/device.ts";
import type { PushRequest } from "../push/push.ts";
import type { CallSelector } from "./calls/calls.ts";
import type { Receipt } from "./accept/accept-push.ts";
import type { GatewayError } from "./errors.ts";

export type ForeignMethod = "GET" | "POST" | "PUT" | "DELETE";

/** A request in somebody else's form, as it came in: nothing decoded. */
export interface ForeignRequest {
  readonly method: ForeignMethod;
  /** Without the query. As the dialect names it; below a path that ends with `/*`, as it was sent. */
  readonly path: string;
  /** What follows the first `?`, one character per byte; empty where there is none. */
  readonly rawQuery: string;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

/** A device that a platform registers or removes in its own form. */
export type DeviceOrder =
  | { readonly kind: "register"; readonly device: Omit<Device, "registeredAt"> }
  | { readonly kind: "unregister"; readonly subscriber: Aor; readonly deviceId: string };

/** Something has happened to a call. */
export interface CallNotice {
  readonly selector: CallSelector;
  readonly event: CallEvent;
  /** What the phones are to hear of it in the platform's own words; absent: the gateway tells them in its words. */
  readonly push?: PushRequest;
}

/** What became of a request. */
export type ForeignResult =
  | { readonly kind: "pushed"; readonly receipt: Receipt }
  /** The answer was held, and this is what the call has come to; undefined where there is no such call. */
  | { readonly kind: "awaited"; readonly receipt: Receipt; readonly call: Call | undefined }
  /** The calls that were meant, as they are now. */
  | { readonly kind: "heard"; readonly calls: readonly Call[] }
  | { readonly kind: "registered"; readonly created: boolean }
  | { readonly kind: "unregistered"; readonly removed: boolean }
  /** It is of no use here. */
  | { readonly kind: "ignored" }
  /** `status` is the one that the gateway's own API answers with. */
  | { readonly kind: "refused"; readonly error: GatewayError; readonly status: number };

export interface ForeignAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Reads one platform's way of asking for a push. */
export interface Dialect {
  /** For logs and metrics. */
  readonly name: string;
  /** One that ends with `/*` stands for all that is below it. */
  readonly paths: readonly string[];
  /** Absent: GET and POST. */
  readonly methods?: readonly ForeignMethod[];
  readonly bodyLimitBytes: number;
  /**
   * Set: a message for somebody without a device is suppressed with 200, and not refused: the platform sends messages for all of its people,
   * and takes a refusal for a fault. A call is refused all the same.
   */
  readonly suppressesUnreachableMessages?: true;
  /**
   * For so long the answer to a call is held until a phone has come or none can. Without one by then the platform goes on by itself,
   * and the call is over for the phones. Absent: it asks, and does not wait.
   */
  readonly holdMs?: number;
  /** Pure. Asked first: the platform says what it says to its own server, and nobody here has a use for it. */
  ignores?(request: ForeignRequest): boolean;
  /** Pure. Throws a GatewayError that names the field, and hints at the mend where the sender is known. */
  read(request: ForeignRequest): PushRequest;
  /** Pure. Asked before `read`, by a dialect that registers devices, too; undefined where the request is for a push. */
  readDevice?(request: ForeignRequest): DeviceOrder | undefined;
  /** Pure. Asked before `read`, by a dialect that follows calls; undefined where the request is for a push. */
  readCallNotice?(request: ForeignRequest): CallNotice | undefined;
  /** Pure. The answer as the platform understands it. Absent: a receipt in JSON, and problem details. */
  readonly answer?: (result: ForeignResult) => ForeignAnswer;
}
