import type { PushRequest } from "../push/push.ts";

/** A request in somebody else's form, as it came in: nothing decoded. */
export interface ForeignRequest {
  readonly method: "GET" | "POST";
  /** The path without the query. */
  readonly path: string;
  /** What follows the first `?`, one character per byte; empty where there is none. */
  readonly rawQuery: string;
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}

/** Reads one platform's way of asking for a push. */
export interface Dialect {
  /** For logs and metrics. */
  readonly name: string;
  readonly paths: readonly string[];
  readonly bodyLimitBytes: number;
  /** Pure. Throws a GatewayError that names the field, and hints at the mend where the sender is known. */
  read(request: ForeignRequest): PushRequest;
}
