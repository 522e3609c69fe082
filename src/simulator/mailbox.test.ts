import { expect, it } from "vitest";
import { failureOf } from "../../test/fixtures/simulator/http2-client.ts";
import { createMailbox, MailboxTimeoutError, type Attempt } from "./mailbox.ts";

it("keeps deliveries apart from what was only tried", () => {
  const seen: Attempt[] = [];
  const mailbox = createMailbox({ onAttempt: (attempt) => seen.push(attempt) });

  mailbox.record(anAttempt("a", "delivered"));
  mailbox.record(anAttempt("b", "refused"));

  expect(mailbox.deliveries().map(({ token }) => token)).toEqual(["a"]);
  expect(mailbox.attempts().map(({ token }) => token)).toEqual(["a", "b"]);
  expect(seen).toHaveLength(2);
});

it("forgets the oldest when it is full", () => {
  const mailbox = createMailbox({ capacity: 10 });

  for (let index = 0; index < 100; index += 1) mailbox.record(anAttempt(String(index)));

  expect(mailbox.deliveries().map(({ token }) => Number(token))).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
});

it("finds a delivery that came before, and one that comes later", async () => {
  const mailbox = createMailbox();
  mailbox.record(anAttempt("early"));

  const late = mailbox.waitFor(({ token }) => token === "late");
  mailbox.record(anAttempt("other"));
  mailbox.record(anAttempt("late"));

  expect((await mailbox.waitFor(({ token }) => token === "early")).token).toBe("early");
  expect((await late).token).toBe("late");
});

it("gives up waiting after the timeout and when told to", async () => {
  const mailbox = createMailbox();
  const abort = new AbortController();

  const timedOut = failureOf(mailbox.waitFor(() => true, { timeoutMs: 5 }));
  const aborted = failureOf(mailbox.waitForAttempt(() => true, { signal: abort.signal }));
  abort.abort();

  expect(await timedOut).toBeInstanceOf(MailboxTimeoutError);
  expect(await aborted).toMatchObject({ message: "Waiting for an attempt was given up" });
});

function anAttempt(token: string, fate: Attempt["fate"] = "delivered"): Attempt {
  const answer = { status: 200, transport: "answer" } as const;
  return { provider: "apns", token, headers: {}, payload: {}, messageId: "", receivedAt: 0, fate, answer };
}
