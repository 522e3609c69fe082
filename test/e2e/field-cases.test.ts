import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ANDROID_TOKEN } from "../fixtures/builders.ts";
import { callApi, startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";

const FORM = "application/x-www-form-urlencoded";
const WAIT = { timeout: 10_000 };

let running: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway();
});
afterAll(() => running[Symbol.asyncDispose]());

/** Returns the JSON bodies or other inputs in one of the files of test/field-cases. */
function readCase(name: string, pattern: RegExp): string[] {
  const text = readFileSync(new URL(`../field-cases/${name}.txt`, import.meta.url), "utf8");
  return [...text.matchAll(pattern)].map(([, found = ""]) => found);
}

async function post(path: string, body: string | Buffer, contentType = "application/json") {
  const response = await fetch(running.plain + path, {
    method: "POST",
    body: Uint8Array.from(Buffer.from(body)),
    headers: { "content-type": contentType },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const devicesOf = async (aor: string): Promise<Record<string, unknown>[]> => {
  const response = await fetch(`${running.plain}/v1/subscribers/${encodeURIComponent(aor)}/devices`);
  return ((await response.json()) as { devices: Record<string, unknown>[] }).devices;
};

let tokens = 0;
/** Registers a new phone for each test. */
async function givePhone(aor: string): Promise<string> {
  const token = `${ANDROID_TOKEN}${(tokens += 1)}`;
  await callApi(running, "PUT", `/v1/subscribers/${encodeURIComponent(aor)}/devices/px`, { provider: "fcm", token });
  return token;
}

const rungOn = (token: string) =>
  vi.waitFor(() => {
    const found = running.simulator.mailbox.deliveries().filter((delivery) => delivery.token === token);
    expect(found).not.toHaveLength(0);
    return found.map(({ payload }) => JSON.stringify(payload));
  }, WAIT);

describe("an address of record", () => {
  it.each([
    ["sip:k3@example.org:5070"],
    ["<sip:k4@example.org;transport=UDP>;tag=x"],
    ["sip:%6b5@example.org"],
    ['"K <6>" <sip:k6@example.org:5060>'],
  ])("is read from the To %s of a relayed REGISTER", async (aor) => {
    const subscriber = `k${/k?(\d)@/.exec(aor)?.[1]}@example.org`;
    const [contact = ""] = readCase("aor-with-port-or-parameters", /^Contact: (.*)$/gm);
    const ownContact = contact.replace("fKam3", `fKam${subscriber[1]}`);

    const answer = await post("/v1/registrations", JSON.stringify({ aor, contact: ownContact, expires: 600 }));

    expect(answer).toMatchObject({ status: 200, body: { subscriber, contacts: [{ change: "registered" }] } });
    expect(await devicesOf(subscriber)).toHaveLength(1);
  });

  it.each([
    ["/v1/calls", JSON.stringify({ call_id: "p1", callee: "sip:port@example.org:5060;user=phone" }), 202],
    ["/v1/calls", JSON.stringify({ call_id: "p2", callee: "port", domain: "example.org:5060" }), 202],
    ["/v1/pushes", JSON.stringify({ callee: "<sip:port@example.org:5060>" }), 202],
    ["/v1/pushes", JSON.stringify({ callee: "sip:port@EXAMPLE.org;transport=tcp", caller: "c" }), 202],
  ])("is read at %s from %s", async (path, body, status) => {
    const token = await givePhone("port@example.org");

    expect((await post(path, body)).status).toBe(status);
    await rungOn(token);
  });

  it.each(["callee=sip:port2@example.org;user=phone", "callee=port2&domain=example.org:5060"])(
    "is read at /push from %s",
    async (form) => {
      await givePhone("port2@example.org");

      expect((await post("/push", form, FORM)).status).toBe(200);
    },
  );

  it("may have an international domain", async () => {
    await givePhone("alice@xn--exmple-cua.org");

    expect((await post("/push", "callee=alice&domain=exämple.org", FORM)).status).toBe(200);
  });
});

describe("a raw plus in a form", () => {
  it("keeps the phone with its subscriber", async () => {
    const [path = ""] = readCase("form-raw-plus-registration", /PUT (\S+)/g);
    const [device = ""] = readCase("form-raw-plus-registration", /PUT \S+ (\{.*\})/g);
    const [form = ""] = readCase("form-raw-plus-registration", /^(aor=.*)$/gm);
    await callApi(running, "PUT", path, JSON.parse(device));

    const { status, body } = await post("/v1/registrations", form, FORM);

    expect(status).toBe(200);
    expect(body).toMatchObject({
      subscriber: "+4366011111@example.org",
      contacts: [{ change: "refreshed", uri: "sip:+4366011111@192.0.2.1", device: "px" }],
    });
    expect(await devicesOf("+4366011111@example.org")).toHaveLength(1);
    expect(await devicesOf("4366011111@example.org")).toEqual([]);
  });

  it("stays in a Call-ID, and in a number at /push", async () => {
    const token = await givePhone("+4366022@example.org");

    const { body } = await post("/v1/calls", "call_id=a+b@host&callee=+4366022@example.org&caller=+431", FORM);
    await post("/push", "callee=+4366022&domain=example.org&caller=+432&call_id=c+d", FORM);

    expect(body["call_id"]).toBe("a+b@host");
    await vi.waitFor(async () => {
      const payloads = (await rungOn(token)).join();
      for (const part of ["a+b@host", "+431", "+432", "c+d"]) expect(payloads).toContain(part);
    }, WAIT);
  });
});

describe("a placeholder for no name", () => {
  it("is not shown", async () => {
    const token = await givePhone("ph@example.org");
    const calls = readCase("placeholder-for-no-name", /\/v1\/calls \(form\) +(\S+)/g);
    const [push = ""] = readCase("placeholder-for-no-name", /\/push \(form\) +(\S+)/g);

    for (const form of calls) expect((await post("/v1/calls", form, FORM)).status).toBe(202);
    expect((await post("/push", push, FORM)).status).toBe(200);

    await vi.waitFor(async () => expect(await rungOn(token)).toHaveLength(calls.length + 1), WAIT);
    expect((await rungOn(token)).join()).not.toMatch(/null|_undef_|nil/);
  });

  it.each([
    { caller: "(null)" },
    { display_name: "None" },
    { display_name: "undefined" },
    { caller: "<unknown>" },
    { data: { sender_name: "<null>" } },
  ])("is left out of JSON, too: %j", async (more) => {
    const token = await givePhone("ph2@example.org");

    await post(
      "/v1/calls",
      JSON.stringify({ call_id: `ph ${JSON.stringify(more)}`, callee: "ph2@example.org", ...more }),
    );

    expect((await rungOn(token)).join().replaceAll("ph {", "")).not.toMatch(/"(?:caller|display_name|sender_name)":"/);
  });

  it("of a Call-ID names no call", async () => {
    expect(await post("/v1/calls", "call_id=<null>&callee=ph@example.org", FORM)).toMatchObject({
      status: 400,
      body: { code: "missing_field", field: "call_id" },
    });
  });
});

describe("an empty value", () => {
  it("in JSON means that it is not given", async () => {
    const token = await givePhone("frank@example.org");
    const bodies = readCase("empty-caller-in-json", /\/v1\/calls {2}(\{.*\})/g);
    const [form = ""] = readCase("empty-caller-in-json", /form: +(\S+)/g);

    for (const body of bodies) expect((await post("/v1/calls", body)).status).toBe(202);
    expect((await post("/v1/calls", form, FORM)).status).toBe(202);
    expect((await post("/v1/pushes", '{"callee":"frank@example.org","caller":"","push_id":null}')).status).toBe(202);

    await vi.waitFor(async () => expect(await rungOn(token)).toHaveLength(bodies.length + 2), WAIT);
  });
});

describe("text that is no UTF-8", () => {
  it.each([
    ["/v1/calls", '{"call_id":"l1","callee":"latin1@example.org","display_name":"J\u00fcrgen"}', "application/json"],
    ["/v1/calls", "call_id=l2&callee=latin2@example.org&display_name=J%fcrgen", FORM],
    ["/v1/calls", "call_id=l3&callee=latin3@example.org&display_name=J\u00fcrgen", FORM],
    ["/v1/pushes", '{"callee":"latin4@example.org","caller":"J\u00fcrgen"}', "application/json"],
    ["/push", "callee=latin5@example.org&caller=J%FCrgen", FORM],
    ["/push", '{"callee":"latin6@example.org","caller":"J\u00fcrgen"}', "application/json"],
  ])("at %s is read as Windows-1252: %s", async (path, body, type) => {
    const token = await givePhone(/latin\d@example\.org/.exec(body)?.[0] ?? "");

    const { status } = await post(path, Buffer.from(body, "latin1"), type);

    expect(status).toBeLessThan(300);
    expect((await rungOn(token)).join()).toContain("Jürgen");
  });
});

describe("a token that is a word", () => {
  it("is refused by the API", async () => {
    for (const body of readCase("registration-token-that-is-a-word", /PUT \S+ (\{.*\})/g)) {
      const path = "/v1/subscribers/dan@example.org/devices/px";
      expect(await callApi(running, "PUT", path, JSON.parse(body))).toMatchObject({
        status: 400,
        body: { code: "invalid_field", field: "token" },
      });
    }
    expect(await devicesOf("dan@example.org")).toEqual([]);
  });

  it.each(["undefined", "BLACKLISTED", "(unavailable)"])("teaches nothing in a REGISTER: %s", async (token) => {
    const contact = `<sip:dan@192.0.2.1;pn-provider=fcm;pn-prid=${token}>`;

    const { body } = await post("/v1/registrations", JSON.stringify({ aor: "dan@example.org", contact }));

    expect(body).toMatchObject({ contacts: [{ change: "none" }] });
    expect(await devicesOf("dan@example.org")).toEqual([]);
  });

  it("may have been printed with brackets and spaces by an iPhone", async () => {
    const printed = `<${"a1b2c3d4 ".repeat(8).trim()}>`;
    await callApi(running, "PUT", "/v1/subscribers/ios@example.org/devices/i", {
      provider: "apns",
      tokens: { voip: printed },
    });

    expect(await devicesOf("ios@example.org")).toMatchObject([{ tokens: { voip: "a1b2c3…c3d4" } }]);
  });
});

describe("a Contact as phones really send it", () => {
  it.each([
    ["contact-one-label-missing", { voip: "c0de01…0000", remote: "c0de02…0000" }],
    ["contact-without-brackets-quoted-instance", { registration: "cHcBex…mmmm" }],
  ])("is learned: %s", async (name, shortened) => {
    const [body = ""] = readCase(name, /^(\{.*\})$/gm);
    const { aor } = JSON.parse(body) as { aor: string };

    const answer = await post("/v1/registrations", body);

    expect(answer.body).toMatchObject({ contacts: [{ change: "registered" }] });
    expect(await devicesOf(aor.replace("sip:", ""))).toMatchObject([{ tokens: shortened }]);
  });
});

describe("a REGISTER that taught nothing", () => {
  it.each([
    ["pn-provider=fcm;pn-prid=***", "bad_token", "cannot be one of Google's"],
    ["pn-provider=acme;pn-prid=x", "unknown_provider", "not supported"],
    ["pn-provider=apns;pn-param=T.a.b.voip&remote;pn-prid=abcdabcd&abcdabce", "unclear_service", "which token"],
  ])("with %s is in the log, the metrics and the trace of the call", async (parameters, code, words) => {
    const name = `unseen-${code.replaceAll("_", "-")}`;
    await givePhone(`${name}@example.org`);
    await post("/v1/calls", JSON.stringify({ call_id: name, callee: `${name}@example.org` }));

    const contact = `<sip:${name}@192.0.2.5;${parameters}>`;
    const { body } = await post("/v1/registrations", JSON.stringify({ aor: `${name}@example.org`, contact }));

    expect(body).toMatchObject({ contacts: [{ change: "none", uri: `sip:${name}@192.0.2.5` }], calls: [name] });
    const line = running.logLines.find((one) => one["subscriber"] === `${name}@example.org` && one["code"] === code);
    expect(line).toMatchObject({ level: "warn", msg: expect.stringContaining(words) });
    expect(await (await fetch(`${running.plain}/metrics`)).text()).toMatch(
      new RegExp(`sip_pushd_contacts_not_learned_total\\{reason="${code}"\\} [1-9]`),
    );
    const trace = await callApi(running, "GET", `/v1/traces/${name}`);
    expect(JSON.stringify(trace.body)).toMatch(new RegExp(`"problem":".*${words}`));
  });

  it("because it is refused is logged and counted", async () => {
    await post("/v1/registrations", JSON.stringify({ aor: "nobody", contact: "<sip:a@192.0.2.1>" }));

    expect(running.logLines).toContainEqual(
      expect.objectContaining({ dialect: "v1", code: "invalid_field", field: "aor" }),
    );
    expect(await (await fetch(`${running.plain}/metrics`)).text()).toMatch(
      /pushes_refused_total\{dialect="v1",code="invalid_field"\} [1-9]/,
    );
  });
});
