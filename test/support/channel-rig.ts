import { expect, vi } from "vitest";
import { Channel, type ChannelOptions } from "../../src/providers/channel/channel.ts";
import type { FramedRequest, FramedServer } from "./framed-server.ts";

/** A signal that never aborts. */
export const never = new AbortController().signal;
/** Settings with which a silent connection is pinged and left within a fraction of a second. */
export const QUICK_PINGS = { pingAfterMs: 60, pongTimeoutMs: 100 };

export const aRequest = (body = "hello") => ({ path: "/", headers: {}, body });

export const numbered = (count: number) => Array.from({ length: count }, (_, index) => `request ${index}`);

export function openChannel(
  { origin, ca }: Pick<FramedServer, "origin" | "ca">,
  options: Partial<ChannelOptions> = {},
): Channel {
  return new Channel({ origin, tls: { ca }, ...options });
}

export const sendAll = (channel: Channel, bodies: readonly string[], signal = never) =>
  bodies.map((body) => channel.request(aRequest(body), signal));

export function echo({ connection, streamId, body }: FramedRequest): void {
  connection.answer(streamId, `echo ${body}`);
}

export const eventually = <T>(check: () => T) => vi.waitFor(check, { interval: 2, timeout: 5_000 });

/** Resolves with the server's requests when there are `count`. */
export function requestsOf(server: FramedServer, count: number): Promise<FramedRequest[]> {
  return eventually(() => {
    expect(server.requests).toHaveLength(count);
    return [...server.requests];
  });
}
