import { createHash } from "node:crypto";
import type { PushRequest } from "./push.ts";

/** What makes two requests one push. */
export interface DedupKey {
  readonly key: string;
  readonly windowMs: number;
  /** Digest of what was asked; the same explicit key with another one is the client's mistake. */
  readonly fingerprint: string;
  /** Explicit: named by the client (`push_id`). Implicit: concluded from the request. */
  readonly explicit: boolean;
}

export interface DedupWindows {
  /** For a `push_id`. */
  readonly explicitMs: number;
  /** For requests without one: who redials after it must ring. */
  readonly implicitMs: number;
}

/**
 * A `push_id` names the push. A call without one is known by who calls whom (and its Call-ID): a client library that
 * repeats a request by itself sends no id. Anything else without an id is known by its whole content.
 */
export function buildDedupKey(request: PushRequest, windows: DedupWindows): DedupKey {
  const fingerprint = digest(canonical(request));
  if (request.pushId !== undefined) {
    const key = `id:${digest(JSON.stringify([...whoseOf(request), request.pushId]))}`;
    return { key, windowMs: windows.explicitMs, fingerprint, explicit: true };
  }
  const key = `${request.kind}:${digest(JSON.stringify([...whoseOf(request), identify(request, fingerprint)]))}`;
  // A Call-ID is never used again: however late it comes once more, it is a retransmission or a fork of the same call.
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

/** A platform may ask once for each phone of the callee, also where it keeps the tokens itself: those are as many pushes. */
function whoseOf({ callee, direct, deviceId }: PushRequest): readonly unknown[] {
  if (direct !== undefined) return [callee, direct.provider, sort(direct.tokens)];
  return deviceId === undefined ? [callee] : [callee, "device", deviceId];
}

/** The same text for the same request, whatever order its fields came in. */
function canonical(request: PushRequest): string {
  const { data, aps: _aps, content: _content, direct, ...rest } = request;
  const { aps, newer } = splitContent(request);
  const phone = direct === undefined ? {} : { direct: sort({ ...direct, tokens: sort(direct.tokens) }) };
  const shown = newer.length === 0 ? {} : { content: newer };
  return JSON.stringify(sort({ ...rest, data: shorten(sort(data)), aps: shorten(sort(aps)), ...shown, ...phone }));
}

/**
 * Release 0.1.0 kept text, sound and badge of its API in `aps`: a request that is repeated after the upgrade has to have the fingerprint that it
 * had before.
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

/** A digest stands for a long text: to write megabytes as JSON takes far longer. */
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
