import { describe, expect, it } from "vitest";
import { ACCEPTED_AT, ALICE, aCall, aMessage, aPush, aRingingCall, anIphone } from "../../../test/fixtures/builders.ts";
import { createRecordingEvents } from "../../../test/fixtures/gateway-doubles.ts";
import { MemoryCallBook } from "../../../test/fixtures/memory-stores.ts";
import { MemoryPushStore } from "../../../test/fixtures/memory-push-store.ts";
import type { Call } from "../../push/call.ts";
import type { Push, PushRequest } from "../../push/push.ts";
import type { Receipt } from "./accept-push.ts";
import { createDeadLetterService } from "./dead-letters.ts";

const OLD = "01a20731-46e1-7748-a50d-30a074776f5b";
const NEW: Receipt = { kind: "accepted", id: "01a20731-ffff-7748-a50d-30a074776f5b", state: "pending" };
const CALL_ID = "lost-1";

interface Fixture {
  readonly push?: Partial<Push>;
  readonly call?: Partial<Call>;
  readonly receipt?: Receipt;
}

function arrange({ push = {}, call, receipt = NEW }: Fixture) {
  const clock = () => ACCEPTED_AT + 10_000;
  const store = new MemoryPushStore({ clock, devicesOf: () => [anIphone()] });
  const book = new MemoryCallBook();
  const old = aPush({ id: OLD, state: "failed", endedAt: ACCEPTED_AT + 100, ...push });
  store.enqueue(old);
  if (call !== undefined) book.begin(aRingingCall({ callee: ALICE, id: CALL_ID, pushIds: [OLD], ...call }));
  const asked: PushRequest[] = [];
  const acceptPush = async (request: PushRequest): Promise<Receipt> => {
    asked.push(request);
    return receipt;
  };
  const desk = createDeadLetterService({ store, book, acceptPush, events: createRecordingEvents(), clock });
  return { desk, store, book, asked };
}

const CALL_PUSH = { request: aCall({ callId: CALL_ID, callUrl: "https://old", awaited: true, pushId: "theirs" }) };
const UNREACHABLE = { state: "unreachable", reason: "DeviceTokenNotForTopic", endedAt: ACCEPTED_AT + 100 } as const;

describe("replaying a message", () => {
  it("sends it again as a new push, and marks the old one", async () => {
    const { desk, store, asked } = arrange({ push: { request: aMessage() } });

    expect(await desk.replay(OLD)).toEqual(NEW);

    expect(asked).toEqual([{ ...aMessage(), pushId: `replay of ${OLD}`, replayOf: OLD }]);
    expect(await store.get(OLD)).toMatchObject({ state: "failed", replayed: { as: NEW.id } });
    expect(await desk.list({ limit: 10 })).toEqual([]);
  });

  it("once more returns the push that replaced it, and sends nothing", async () => {
    const { desk, store, asked } = arrange({ push: { request: aMessage() } });
    await desk.replay(OLD);
    store.enqueue(aPush({ id: NEW.id, state: "delivered" }));

    expect(await desk.replay(OLD)).toEqual({ kind: "repeat", id: NEW.id, state: "delivered" });

    expect(asked).toHaveLength(1);
  });

  it("once more is refused when the push that replaced it is forgotten, for its content is, too", async () => {
    const { desk, asked } = arrange({ push: { request: aMessage() } });
    await desk.replay(OLD);

    const again = desk.replay(OLD);

    await expect(again).rejects.toThrow(new RegExp(`was replayed at .* as push ${NEW.id}, which is no longer known`));
    expect(asked).toHaveLength(1);
  });

  it("that is suppressed leaves it as it was", async () => {
    const receipt = { kind: "suppressed", id: NEW.id, reason: "push_disabled" } as const;
    const { desk, store } = arrange({ push: { request: aMessage() }, receipt });

    expect(await desk.replay(OLD)).toEqual(receipt);

    expect((await store.get(OLD))?.replayed).toBeUndefined();
    expect(await desk.list({ limit: 10 })).toHaveLength(1);
  });

  it.each([
    ["delivered", /was delivered: what people wrote in it is not kept/],
    ["pending", /has not ended/],
  ] as const)("is refused if it is %s", async (state, why) => {
    const { desk, asked } = arrange({ push: { request: aMessage(), state } });

    await expect(desk.replay(OLD)).rejects.toThrow(why);
    await expect(desk.replay(OLD, { force: true })).rejects.toMatchObject({ code: "not_found" });
    expect(asked).toEqual([]);
  });
});

describe("replaying a call", () => {
  it.each<[string, Partial<Call> | undefined, string]>([
    [
      "that nobody could be woken for",
      UNREACHABLE,
      "it ended as unreachable (DeviceTokenNotForTopic) at 2027-01-15T08:00:00.100Z",
    ],
    [
      "whose time is over",
      { state: "ringing", deadline: ACCEPTED_AT + 9_000 },
      "its time ended at 2027-01-15T08:00:09",
    ],
    ["that is no longer known", undefined, "its time ended at 2027-01-15T08:01:00.000Z"],
  ])("%s rings no phone, and says how to ring one", async (_which, call, how) => {
    const { desk, store, asked } = arrange({ push: CALL_PUSH, ...(call === undefined ? {} : { call }) });

    const refusal = desk.replay(OLD);

    await expect(refusal).rejects.toMatchObject({ code: "call_over", details: { field: "force", pushId: OLD } });
    await expect(refusal).rejects.toThrow(
      `Call ${CALL_ID} to alice@example.org, for which push ${OLD} was to ring, is over`,
    );
    await expect(refusal).rejects.toThrow(how);
    await expect(refusal).rejects.toThrow('send {"force": true} (--force on the command line)');
    expect(asked).toEqual([]);
    expect((await store.get(OLD))?.replayed).toBeUndefined();
  });

  it("by force rings for a call of its own, which nobody waits for", async () => {
    const { desk, store, book, asked } = arrange({ push: CALL_PUSH, call: UNREACHABLE });

    expect(await desk.replay(OLD, { force: true })).toEqual(NEW);

    expect(asked).toEqual([aCall({ pushId: `replay of ${OLD}`, replayOf: OLD })]);
    expect(await store.get(OLD)).toMatchObject({ replayed: { as: NEW.id } });
    expect(await book.get({ callee: ALICE, id: CALL_ID })).toMatchObject({ ...UNREACHABLE, pushIds: [OLD] });
  });

  it.each([{}, { force: true }])("that still rings joins it, with %j", async (options) => {
    const call = { id: OLD, state: "registered", deadline: ACCEPTED_AT + 30_000 } as const;
    const { desk, asked } = arrange({ push: { request: aCall() }, call });

    await desk.replay(OLD, options);

    expect(asked).toEqual([aCall({ callId: OLD, pushId: `replay of ${OLD}`, replayOf: OLD })]);
  });

  it("that has ended is told to a phone again without force", async () => {
    const request = aCall({ kind: "call_end", callId: CALL_ID, data: { state: "cancelled" } });
    const { desk, asked } = arrange({ push: { request }, call: UNREACHABLE });

    await desk.replay(OLD);

    expect(asked).toEqual([{ ...request, pushId: `replay of ${OLD}`, replayOf: OLD }]);
  });
});
