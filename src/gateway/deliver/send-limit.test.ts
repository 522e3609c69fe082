import { describe, expect, it } from "vitest";
import { SendLimit, type Leave } from "./send-limit.ts";

const LIMITS = { sends: 4, messages: 3, waiting: 5 };
const NEVER = new AbortController().signal;

function arrange() {
  const limit = new SendLimit(LIMITS);
  const order: string[] = [];
  const leaves: Leave[] = [];
  const enter = async (name: string, { isCall = false, party = "a", signal = NEVER } = {}): Promise<void> => {
    const leave = await limit.enter({ isCall, party }, () => ({ signal, [Symbol.dispose]: () => undefined }));
    order.push(leave === undefined ? `${name} gives up` : name);
    if (leave !== undefined) leaves.push(leave);
  };
  /** Ends the oldest push in flight. */
  const end = async (): Promise<void> => {
    leaves.shift()?.();
    await settle();
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { enter, end, settle, order };
}

describe("pushes of one app", () => {
  it("are under way so many at a time, and the next when one ends", async () => {
    const { enter, end, settle, order } = arrange();
    for (const name of ["1", "2", "3", "4", "5", "6"]) void enter(name, { isCall: true });
    await settle();
    expect(order).toEqual(["1", "2", "3", "4"]);

    await end();
    expect(order).toEqual(["1", "2", "3", "4", "5"]);
    await end();

    expect(order).toHaveLength(6);
  });

  it("leave room for a call, however many messages there are", async () => {
    const { enter, settle, order } = arrange();
    for (const name of ["1", "2", "3", "4"]) void enter(name);

    void enter("call", { isCall: true });
    await settle();

    expect(order).toEqual(["1", "2", "3", "call"]);
  });

  it("go by urgency where they wait: calls before messages that came earlier", async () => {
    const { enter, end, settle, order } = arrange();
    for (const name of ["1", "2", "3", "4"]) void enter(name, { isCall: true });
    void enter("message");
    void enter("call", { isCall: true });
    await settle();

    await end();
    expect(order.at(-1)).toBe("call");
    await end();

    expect(order.at(-1)).toBe("message");
  });

  it("go in turn by party where they wait", async () => {
    const { enter, end, settle, order } = arrange();
    for (const name of ["1", "2", "3", "4"]) void enter(name, { isCall: true });
    for (const name of ["storm 1", "storm 2", "storm 3"]) void enter(name, { isCall: true, party: "storm" });
    void enter("other", { isCall: true, party: "other" });
    await settle();

    for (const _ended of [1, 2, 3]) await end();

    expect(order.slice(4)).toEqual(["storm 1", "other", "storm 2"]);
  });
});

describe("one that waits", () => {
  it("gives up in its time, and leaves its turn to the next", async () => {
    const { enter, end, settle, order } = arrange();
    const impatient = new AbortController();
    for (const name of ["1", "2", "3"]) void enter(name);
    void enter("4", { signal: impatient.signal });
    void enter("5");
    await settle();

    impatient.abort();
    await settle();
    expect(order.at(-1)).toBe("4 gives up");
    await end();

    expect(order.at(-1)).toBe("5");
  });

  it("does not begin to wait where its time is over", async () => {
    const { enter, settle, order } = arrange();
    for (const name of ["1", "2", "3"]) void enter(name);
    await settle();

    await enter("4", { signal: AbortSignal.abort() });

    expect(order.at(-1)).toBe("4 gives up");
  });

  it("is turned away where enough of its kind wait already; calls do not count the messages", async () => {
    const { enter, settle, order } = arrange();
    for (const name of ["1", "2", "3", "call 1"]) void enter(name, { isCall: name.startsWith("call") });
    for (let waiting = 0; waiting < LIMITS.waiting; waiting += 1) void enter(`waiting ${waiting}`);
    await settle();

    void enter("one too many");
    void enter("call 2", { isCall: true });
    await settle();

    expect(order.slice(4)).toEqual(["one too many gives up"]);
  });
});
