import type { Answer, ClientEntry, Try } from "./ledgers.ts";

type Refused = Try & { readonly answer: Extract<Answer, { kind: "answered" }> };

const REFUSALS: ReadonlySet<string | undefined> = new Set(["queue_full", "overloaded"]);

/** Returns requests that were refused because the gateway was at its limit. */
export function readRefusals(client: readonly ClientEntry[]): readonly Refused[] {
  return client.flatMap(({ tries }) =>
    tries.flatMap(({ sentAt, answer }) =>
      answer.kind === "answered" && REFUSALS.has(answer.code) ? [{ sentAt, answer }] : [],
    ),
  );
}

/** Returns how long each of them took, in milliseconds. */
export function readRefusalTimes(client: readonly ClientEntry[]): readonly number[] {
  return readRefusals(client).map(({ sentAt, answer }) => answer.at - sentAt);
}
