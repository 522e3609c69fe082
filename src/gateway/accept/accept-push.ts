import { randomUUID } from "node:crypto";
import { domainOf } from "../../push/address.ts";
import { renameGooglesNames } from "../../push/data-names.ts";
import { buildDedupKey, type DedupWindows } from "../../push/dedup-key.ts";
import type { TtlByKind } from "../../push/deadline.ts";
import type { PushRequest, PushState } from "../../push/push.ts";
import { chooseDirectTargets, chooseTargets } from "../../push/targets.ts";
import { trimRequest } from "../../payloads/trim.ts";
import { askStore } from "../ask-store.ts";
import type { Clock } from "../clock.ts";
import type { DeviceStore } from "../device-store.ts";
import { GatewayError } from "../errors.ts";
import type { GatewayEvents } from "../gateway-events.ts";
import type { Acceptance, AcceptResult, FullBound, Lease, PushStore, SuppressReason } from "../push-store.ts";
import { isUndone, readDoubt, type StoreDoubt } from "../store-error.ts";
import { compact } from "../../push/compact.ts";

export type Receipt =
  | {
      readonly kind: "accepted" | "repeat";
      readonly id: string;
      readonly state: PushState;
      /** Changes made to the request, described for its sender. */
      readonly warnings?: readonly string[];
    }
  /** The subscriber wants no pushes, or the call is over. The request is correct, but nothing is sent. */
  | { readonly kind: "suppressed"; readonly id: string; readonly reason: SuppressReason };

/** Stores the push and starts its delivery. Throws a GatewayError if it was not accepted. */
export type AcceptPush = (request: PushRequest, dialect: string) => Promise<Receipt>;

export type NoteUnknown = (acceptance: Pick<Acceptance, "id" | "leaseToken">, dialect: string) => void;

export interface AcceptPushDeps {
  readonly store: Pick<PushStore, "accept" | "newId">;
  /** Used only for a request that names one phone. */
  readonly devices: Pick<DeviceStore, "list">;
  readonly deliver: (lease: Lease, askedAt: number) => void;
  /** Called if the store did not say whether it has the push. */
  readonly noteUnknown: NoteUnknown;
  readonly events: GatewayEvents;
  /** Measures the age of a lease. */
  readonly steady: Clock;
  readonly isDomainEnabled: (domain: string) => boolean;
  /** Returns the secret with which the woken app asks for its call. */
  readonly newCallToken: () => string;
  /** Returns the URL for the app, or undefined if the gateway has no address that apps can reach. */
  readonly buildCallUrl: (callId: string, token: string) => string | undefined;
  readonly dedup: DedupWindows;
  readonly ttl: TtlByKind;
  readonly leaseMs: number;
  /** Limit of pushes that wait for the store's answer at once, so that a slow store does not pile them up. */
  readonly maxAccepting: number;
}

const RETRY_AFTER_SECONDS = 1;

export function createAcceptPush(deps: AcceptPushDeps): AcceptPush {
  const { events, isDomainEnabled } = deps;

  const accept = createBoundedAccept(deps);

  return async (asked, dialect) => {
    const { data, renamed } = renameGooglesNames(asked.data);
    const request = renamed.size === 0 ? asked : renameStructured({ ...asked, data }, renamed);
    const domain = domainOf(request.callee);
    if (!isDomainEnabled(domain)) {
      events.suppressed(undefined, request, "domain_disabled", dialect);
      const detail = `Pushes are switched off for ${domain} in the gateway's configuration (domains[].enable).`;
      throw new GatewayError("domain_disabled", detail, { field: "domain" });
    }
    const askedAt = deps.steady();
    const targets = chooseDirectTargets(request) ?? (await chooseNamedTargets(deps, request));
    const result = await accept(buildAcceptance(deps, request, targets, dialect), dialect);
    switch (result.kind) {
      case "accepted": {
        const { push } = result.lease;
        events.accepted(push, dialect);
        deps.deliver(result.lease, askedAt);
        if (renamed.size > 0) events.dataRenamed(push.id, [...renamed.keys()], dialect);
        return { kind: "accepted", id: push.id, state: push.state, ...describeRenamed(renamed) };
      }
      case "repeat":
        events.repeated(result.id, request, dialect);
        return { ...result, ...describeRenamed(renamed) };
      case "suppressed":
        events.suppressed(result.id, request, result.reason, dialect);
        return readSuppression(request, result.id, result.reason);
      case "conflict":
        throw new GatewayError(
          "key_reused",
          "This push_id came before, with another content. Give each push its own.",
          {
            field: "push_id",
            pushId: result.id,
          },
        );
      case "full":
        throw new GatewayError("queue_full", describeFull(result.bound, request), {
          bound: result.bound,
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        });
    }
  };
}

function renameStructured(request: PushRequest, renamed: ReadonlyMap<string, string>): PushRequest {
  const { structured } = request;
  return structured === undefined
    ? request
    : { ...request, structured: structured.map((name) => renamed.get(name) ?? name) };
}

function describeRenamed(renamed: ReadonlyMap<string, string>): { readonly warnings?: readonly string[] } {
  if (renamed.size === 0) return {};
  const warnings = [...renamed].map(
    ([from, to]) => `data.${from} is sent as ${to}: Google keeps the name ${from} for itself.`,
  );
  return { warnings };
}

type Accept = (acceptance: Acceptance, dialect: string) => Promise<AcceptResult>;

/**
 * Asks the store for a limited number of pushes at once. A missing answer is noted and becomes an error for the client.
 */
function createBoundedAccept({ store, events, noteUnknown, maxAccepting }: AcceptPushDeps): Accept {
  let accepting = 0;

  return async (acceptance, dialect) => {
    if (accepting >= maxAccepting) return { kind: "full", bound: "accepting" };
    accepting += 1;
    try {
      return await askStore(events, "accept a push", () => store.accept(acceptance));
    } catch (error) {
      if (!(error instanceof GatewayError) || isUndone(error.cause)) throw error;
      noteUnknown(acceptance, dialect);
      throw unknownAcceptance(error.cause);
    } finally {
      accepting -= 1;
    }
  };
}

function describeFull(bound: FullBound, { callee }: PushRequest): string {
  switch (bound) {
    case "queue":
      return "The gateway has as many pushes waiting as it may hold (store.max_pending, store.max_pending_mb). Try again.";
    case "messages":
      return "Messages fill their part of the gateway's queue (store.messages_percent); the rest is kept for calls. Try again.";
    case "domain":
      return `${domainOf(callee)} has as many pushes waiting as one domain may have (store.domain_percent). Try again.`;
    case "callee":
      return `${callee} has as many pushes waiting as one callee may have (store.max_pending_per_callee). Try again.`;
    case "store":
      return "The gateway's store has no memory left for further pushes. Try again.";
    case "accepting":
      return "Too many pushes wait for the answer of the gateway's store. Try again.";
  }
}

const DOUBTS: Readonly<Record<StoreDoubt, string>> = {
  silent: "did not say in time whether it has taken the push",
  failed: "failed midway while it took the push, and whether it has kept the push is not known",
  not_replicated: "has taken the push, but too few of its replicas have it, so the push may be lost",
};

function unknownAcceptance(cause: unknown): GatewayError {
  const detail = `The gateway's store ${DOUBTS[readDoubt(cause)]}. Send it again under the same push_id: it is one push then.`;
  return new GatewayError("acceptance_unknown", detail, { retryAfterSeconds: RETRY_AFTER_SECONDS, cause });
}

/** Returns undefined if the request is for all of the callee's phones. */
async function chooseNamedTargets({ devices, events }: AcceptPushDeps, { kind, callee, deviceId }: PushRequest) {
  if (deviceId === undefined) return undefined;
  const known = await askStore(events, "list devices", () => devices.list(callee));
  return chooseTargets(
    kind,
    known.filter(({ id }) => id === deviceId),
  );
}

function buildAcceptance(
  deps: AcceptPushDeps,
  request: PushRequest,
  targets: Acceptance["targets"],
  door: string,
): Acceptance {
  const { store, dedup, ttl, leaseMs } = deps;
  const id = store.newId(request.callee);
  const common = compact({
    id,
    dedup: buildDedupKey(request, dedup),
    ttl,
    leaseMs,
    leaseToken: randomUUID(),
    targets,
  });
  if (request.kind !== "call") return { ...common, request: trimRequest(request) };
  const { callId = id, caller } = request;
  const urlToken = deps.newCallToken();
  const callUrl = deps.buildCallUrl(callId, urlToken);
  return {
    ...common,
    request: { ...trimRequest(request), ...(callUrl === undefined ? {} : { callUrl }) },
    call: compact({ id: callId, caller, door, urlToken }),
  };
}

function readSuppression(request: PushRequest, id: string, reason: SuppressReason): Receipt {
  if (reason !== "no_device") return { kind: "suppressed", id, reason };
  if (request.direct !== undefined) {
    const detail = `A ${request.kind} push cannot go to the token in the request: a PushKit token takes calls alone.`;
    throw new GatewayError("no_device", detail, { field: "token", pushId: id });
  }
  const [device, field] =
    request.deviceId === undefined ? ["device", "callee"] : [`device ${request.deviceId}`, "device"];
  const detail =
    `${request.callee} has no ${device} that a ${request.kind} push can go to. ` +
    `The app registers it with PUT /v1/subscribers/${request.callee}/devices/{device}.`;
  throw new GatewayError("no_device", detail, { field, pushId: id });
}
