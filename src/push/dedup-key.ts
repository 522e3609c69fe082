import { createHash } from "node:crypto";
import type { PushRequest } from "./push.ts";

/** Identity of a push: two requests with the same key are one push. */
export interface DedupKey {
  readonly key: string;
  readonly windowMs: number;
  /** Digest of the request. The same explicit key with another fingerprint is the client's mistake. */
  readonly fingerprint: string;
  /** True if the client sent the key (`push_id`), false if it was derived from the request. */
  readonly explicit: boolean;
}

export interface DedupWindows {
  /** Window for a `push_id`. */
  readonly explicitMs: number;
  /** Window for requests without one. A caller who redials after it must ring again. */
  readonly implicitMs: number;
}

/**
 * Builds the key. A `push_id` identifies the push. A call without one is identified by caller, callee and Call-ID,
 * because a client library that repeats a request by itself sends no id. Any other push without an id is identified by
 * its whole content.
 */
export function buildDedupKey(request: PushRequest, windows: DedupWindows): DedupKey {
  const fingerprint = digest(canonical(request));
  if (request.pushId !== undefined) {
    const key = `id:${digest(JSON.stringify([...whoseOf(request), request.pushId]))}`;
    return { key, windowMs: windows.explicitMs, fingerprint, explicit: true };
  }
  const key = `${request.kind}:${digest(JSON.stringify([...whoseOf(request), identify(request, fingerprint)]))}`;
  // A Call-ID is never reused. However late it comes again, it is a retransmission or a fork of the same call.
  const windowMs = isNamedCall(request) ? windows.explicitMs : windows.implicitMs;
  return { key, windowMs, fingerprint, explicit: false };
}

function identify(request: PushRequest, fingerprint: string): string {
  if (isNamedCall(request)) return JSON.stringify([request.callId]);
  return request.kind === "call" ? JSON.stringify([request.caller ?? null, null]) : fingerprint;
}

function isNamedCall({ kind, callId }: PushRequest): boolean {
  return kind === "call" && callId !== undefined;
}

/**
 * A platform may send one request for each phone of the callee, even if it keeps the tokens itself. Each is a push of
 * its own.
 */
function whoseOf({ callee, direct, deviceId }: PushRequest): readonly unknown[] {
  if (direct !== undefined) return [callee, direct.provider, sort(direct.tokens)];
  return deviceId === undefined ? [callee] : [callee, "device", deviceId];
}

/** Returns the same text for the same request, whatever the order of its fields. */
function canonical(request: PushRequest): string {
  const { data, aps: _aps, content: _content, direct, ...rest } = request;
  const { aps, newer } = splitContent(request);
  const phone = direct === undefined ? {} : { direct: sort({ ...direct, tokens: sort(direct.tokens) }) };
  const shown = newer.length === 0 ? {} : { content: newer };
  return JSON.stringify(sort({ ...rest, data: shorten(sort(data)), aps: shorten(sort(aps)), ...shown, ...phone }));
}

/**
 * Release 0.1.0 kept text, sound and badge of its API in `aps`. A request repeated after the upgrade must have the same
 * fingerprint as before.
 */
function splitContent({ aps, content = {} }: PushRequest): {
  readonly aps: object;
  readonly newer: [string, unknown][];
} {
  const { body: alert, sound, badge, ...newer } = content;
  const old = Object.entries({ alert, sound, badge }).filter(([, value]) => value !== undefined);
  return { aps: { ...Object.fromEntries(old), ...aps }, newer: shorten(sort(newer)) };
}

const LONG_TEXT = 16 * 1024;

/** Replaces a long text by its digest, because writing megabytes as JSON takes far longer. */
function shorten(entries: [string, unknown][]): [string, unknown][] {
  return entries.map(([name, value]) =>
    typeof value === "string" && value.length > LONG_TEXT ? [name, [digest(value)]] : [name, value],
  );
}

function sort(value: object): [string, unknown][] {
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
