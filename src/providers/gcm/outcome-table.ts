import type { GcmReason } from "./explanations.ts";
import type { OutcomeRow } from "../outcome-row.ts";

export const GCM_PAGE = "https://firebase.google.com/docs/cloud-messaging/http-server-ref";
const END_PAGE = "https://firebase.google.com/docs/cloud-messaging/migrate-v1";

const OUR_FAULT = { kind: "rejected", suspect: "push" } as const;
/** Google names none; its page asks for longer pauses here than after other errors. */
const RATE_PAUSE_MS = 60_000;

/** Faults of one token come with HTTP 200, one result per token. */
export const GCM_TABLE = {
  MissingRegistration: { status: 200, ...OUR_FAULT },
  InvalidRegistration: { status: 200, kind: "rejected", suspect: "token" },
  NotRegistered: { status: 200, kind: "unregistered" },
  InvalidPackageName: { status: 200, kind: "misconfigured", scope: "device" },
  MismatchSenderId: { status: 200, kind: "rejected", suspect: "token" },
  InvalidParameters: { status: 200, ...OUR_FAULT },
  MessageTooBig: { status: 200, ...OUR_FAULT },
  InvalidDataKey: { status: 200, ...OUR_FAULT },
  InvalidTtl: { status: 200, ...OUR_FAULT },
  Unavailable: { status: 200, kind: "deferred", busy: true },
  InternalServerError: { status: 200, kind: "deferred", busy: true },
  DeviceMessageRateExceeded: { status: 200, kind: "deferred", scope: "device", pauseMs: RATE_PAUSE_MS },
  TopicsMessageRateExceeded: { status: 200, kind: "deferred", scope: "device", pauseMs: RATE_PAUSE_MS },
  InvalidApnsCredential: { status: 200, kind: "misconfigured", scope: "device" },
  unreadable_answer: { status: 200, says: "no result, or one that is neither an id nor an error", kind: "deferred" },
  bad_server_key: { status: 401, says: "HTTP 401 or 403", kind: "misconfigured" },
  gcm_switched_off: {
    status: 404,
    says: "HTTP 404, `DeprecatedApi` or `Deprecated endpoint`",
    kind: "misconfigured",
    page: END_PAGE,
  },
} as const satisfies Record<GcmReason, OutcomeRow>;
