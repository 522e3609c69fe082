import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SignUpStep } from "../../gateway/gateway-events.ts";
import { startListeners } from "../../http/listen.ts";
import { createHttpFixture } from "../../../test/fixtures/http-fixture.ts";
import { createFormGuard } from "./form-guard.ts";
import type { Person, Verified } from "./person.ts";
import { createSignUpSecrets } from "./secrets.ts";
import { createSignUpRoutes, type SignUpService } from "./sign-up-routes.ts";
import type { FinishResult, StartResult } from "./sign-up.ts";

const PERSON = { name: "Ada Lovelace", phone: "+43 664 1234567", email: "ada@example.org" };

async function openFixture(verify: Verified = "email") {
  const secrets = createSignUpSecrets("a secret of the operator, long enough");
  const started: Person[] = [];
  const finished: { ticket: string; code: string }[] = [];
  const steps: SignUpStep[] = [];
  const next: { start: StartResult; finish: FinishResult } = {
    start: { kind: "code_sent", ticket: "sealed" },
    finish: { kind: "done" },
  };
  const desk: { current: SignUpService | undefined } = {
    current: {
      signUp: {
        async start(person) {
          started.push(person);
          return next.start;
        },
        async finish(ticket, code) {
          finished.push({ ticket, code });
          return next.finish;
        },
      },
      guard: createFormGuard(secrets),
      rules: { verify },
      look: { appName: "Phone <1>", termsUrl: "https://example.org/terms?a=1&b=2" },
    },
  };
  const plugin = createSignUpRoutes({
    path: "/signup",
    desk: () => desk.current,
    events: { signUp: (step) => void steps.push(step) },
  });
  const fixture = createHttpFixture({}, { plugins: [plugin], trustedProxies: ["127.0.0.1"] });
  const listeners = await startListeners([{ host: "127.0.0.1", port: 0, requireKey: true }], fixture.deps);
  const url = `${listeners.addresses[0]?.url}/signup`;
  /** Token and cookie of a browser that has opened the form. */
  const visit = async (headers: Record<string, string> = {}) => {
    const answer = await fetch(url, { headers });
    const page = await answer.text();
    const cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    const token = /name="form_token" value="([^"]+)"/.exec(page)?.[1] ?? "";
    return { answer, page, cookie, token };
  };
  const post = async (fields: Record<string, string>, headers: Record<string, string> = {}, path = "") => {
    const answer = await fetch(url + path, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers,
      redirect: "manual",
    });
    return { status: answer.status, headers: answer.headers, page: await answer.text() };
  };
  const submit = async (fields: Record<string, string> = {}, path = "", headers: Record<string, string> = {}) => {
    const { cookie, token } = await visit();
    return post({ form_token: token, ...fields }, { cookie, ...headers }, path);
  };
  return {
    ...fixture,
    url,
    started,
    finished,
    steps,
    next,
    desk,
    visit,
    post,
    submit,
    [Symbol.asyncDispose]: () => listeners[Symbol.asyncDispose](),
  };
}

let fixture: Awaited<ReturnType<typeof openFixture>>;

beforeEach(async () => {
  fixture = await openFixture();
});

afterEach(() => fixture[Symbol.asyncDispose]());

describe("the form", () => {
  it("is open without a key, is not kept or framed, and has no script", async () => {
    const { answer, page } = await fixture.visit();

    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; .*form-action 'self'; frame-ancestors 'none'$/,
    );
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(page).not.toContain("<script");
    expect(page).toContain("Sign up for Phone &lt;1&gt;");
    expect(page).toContain('href="https://example.org/terms?a=1&amp;b=2"');
  });

  it("sets one cookie, which no script and no other site gets", async () => {
    const { answer, cookie } = await fixture.visit();
    const second = await fixture.visit({ cookie });

    expect(answer.headers.get("set-cookie")).toMatch(
      /^sign-up=[\w-]{32}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=3600$/,
    );
    expect(second.answer.headers.get("set-cookie")).toBeNull();
  });

  it("binds the cookie to https where the browser came by it", async () => {
    const { answer } = await fixture.visit({ "x-forwarded-proto": "https" });

    expect(answer.headers.get("set-cookie")).toMatch(/^__Host-sign-up=[\w-]{32}; .*; Secure$/);
  });

  it("takes a person and asks for the code", async () => {
    const { status, page } = await fixture.submit(PERSON);

    expect(status).toBe(200);
    expect(fixture.started).toEqual([{ name: "Ada Lovelace", email: "ada@example.org", phone: "+436641234567" }]);
    expect(page).toContain("<strong>ada@example.org</strong>");
    expect(page).toContain('name="ticket" value="sealed"');
    expect(page).toContain('autocomplete="one-time-code"');
  });

  it("comes back with what was typed and what is wrong with it", async () => {
    const { status, page } = await fixture.submit({ ...PERSON, name: '"><script>alert(1)</script>', email: "ada" });

    expect(status).toBe(422);
    expect(page).not.toContain("<script>");
    expect(page).toContain('value="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"');
    expect(page).toMatch(/<div class="alert" role="alert">\n<p><a href="#name">.*<\/a><\/p>\n<p><a href="#email">/);
    expect(page).toMatch(/id="email"[^>]* aria-invalid="true" aria-describedby="email-error"/);
    expect(fixture.started).toEqual([]);
  });

  it.each([
    ["limited", 429],
    ["failed", 503],
  ] as const)("says so when it is %s", async (kind, status) => {
    fixture.next.start = { kind };

    expect((await fixture.submit(PERSON)).status).toBe(status);
  });

  it("asks for the phone where that is verified", async () => {
    await using phone = await openFixture("phone");

    expect((await phone.submit(PERSON)).page).toContain("<strong>+436641234567</strong>");
    expect((await phone.submit({ ...PERSON, phone: "" })).status).toBe(422);
  });
});

describe("who is no person", () => {
  it("fills in what no person sees, and learns nothing", async () => {
    const { status, page } = await fixture.submit({ ...PERSON, website: "https://spam.example" });

    expect(status).toBe(200);
    expect(page).toContain("We have sent a code");
    expect(fixture.started).toEqual([]);
    expect(fixture.steps).toEqual(["refused"]);
  });

  it.each([
    ["without a cookie", async () => ({ fields: { form_token: (await fixture.visit()).token }, headers: {} })],
    ["without a token", async () => ({ fields: {}, headers: { cookie: (await fixture.visit()).cookie } })],
    [
      "with the token of another visitor",
      async () => ({
        fields: { form_token: (await fixture.visit()).token },
        headers: { cookie: (await fixture.visit()).cookie },
      }),
    ],
    [
      "from another site",
      async () => {
        const { cookie, token } = await fixture.visit();
        return { fields: { form_token: token }, headers: { cookie, "sec-fetch-site": "cross-site" } };
      },
    ],
  ])("comes %s", async (_what, forge) => {
    const { fields, headers } = await forge();

    for (const path of ["", "/code"]) {
      expect((await fixture.post({ ...PERSON, ...fields }, headers, path)).status).toBe(403);
    }
    expect([...fixture.started, ...fixture.finished]).toEqual([]);
    expect(fixture.steps).toEqual(["refused", "refused"]);
  });

  it("comes by https with a cookie that another host may have set", async () => {
    const https = { "x-forwarded-proto": "https" };
    const { cookie, token } = await fixture.visit(https);
    const planted = cookie.replace("__Host-", "");

    expect((await fixture.post({ ...PERSON, form_token: token }, { ...https, cookie: planted })).status).toBe(403);
    expect((await fixture.post({ ...PERSON, form_token: token }, { ...https, cookie })).status).toBe(200);
  });

  it.each(["application/json", "multipart/form-data; boundary=x", "text/plain"])("sends %s", async (contentType) => {
    const { cookie } = await fixture.visit();
    const answer = await fetch(fixture.url, {
      method: "POST",
      body: "{}",
      headers: { cookie, "content-type": contentType },
    });

    expect(answer.status).toBe(415);
  });

  it("sends more than any form holds", async () => {
    expect((await fixture.submit({ ...PERSON, name: "x".repeat(20_000) })).status).toBe(413);
  });
});

describe("the code", () => {
  it("is taken with or without blanks, and ends the sign-up", async () => {
    const { status, page } = await fixture.submit({ ticket: "sealed", code: " 123 456", sent_to: "<b>" }, "/code");

    expect(status).toBe(200);
    expect(fixture.finished).toEqual([{ ticket: "sealed", code: "123456" }]);
    expect(page).toContain("Your account is ready");
    expect(page).toContain("&lt;b&gt;");
  });

  it.each([
    [{ kind: "wrong_code", guessesLeft: 3 }, 422, 'name="ticket" value="sealed"'],
    [{ kind: "wrong_code", guessesLeft: 0 }, 410, "no longer good"],
    [{ kind: "expired" }, 410, "no longer good"],
    [{ kind: "limited" }, 429, "Please wait"],
    [{ kind: "failed" }, 503, 'name="ticket" value="sealed"'],
  ] as const)("that is %j is answered with %i", async (finish, status, text) => {
    fixture.next.finish = finish;

    const answer = await fixture.submit({ ticket: "sealed", code: "1", sent_to: "ada@example.org" }, "/code");

    expect(answer.status).toBe(status);
    expect(answer.page).toContain(text);
  });
});

it("is gone when the configuration has it no more", async () => {
  fixture.desk.current = undefined;

  expect((await fixture.visit()).answer.status).toBe(404);
  expect((await fixture.post(PERSON)).status).toBe(404);
});

describe("a German browser", () => {
  const GERMAN = { "accept-language": "de-AT,de;q=0.9,en;q=0.8" };

  it("gets the form in German, and a person whose messages are German", async () => {
    const { answer, page } = await fixture.visit(GERMAN);
    const sent = await fixture.submit(PERSON, "", GERMAN);

    expect(answer.headers.get("vary")).toMatch(/accept-language/i);
    expect(page).toContain('<html lang="de">');
    expect(page).toContain("Bei Phone &lt;1&gt; anmelden");
    expect(page).toContain("Telefonnummer (freiwillig)");
    expect(sent.page).toContain("Code eingeben");
    expect(fixture.started).toMatchObject([{ language: "de" }]);
  });

  it("gets every fault and every end in German", async () => {
    const wrong = await fixture.submit({ name: "", phone: "1", email: "x" }, "", GERMAN);
    const ends: string[] = [];
    for (const kind of ["done", "expired", "limited", "failed"] as const) {
      fixture.next.finish = { kind };
      ends.push((await fixture.submit({ ticket: "t", sent_to: "a@b.c", code: "1" }, "/code", GERMAN)).page);
    }
    fixture.next.finish = { kind: "wrong_code", guessesLeft: 2 };
    ends.push((await fixture.submit({ ticket: "t", sent_to: "a@b.c", code: "1" }, "/code", GERMAN)).page);
    ends.push((await fixture.post({ form_token: "forged" }, GERMAN)).page);
    fixture.desk.current = undefined;
    ends.push((await fixture.visit(GERMAN)).page);

    for (const page of [wrong.page, ...ends]) {
      expect(page).toContain('<html lang="de">');
      expect(page.replaceAll(/<style>[^]*?<\/style>|<[^>]*>/g, "")).not.toMatch(/\b(?:the|your|again|please|enter)\b/i);
    }
    expect(wrong.page).toContain("Geben Sie Ihren Namen ein.");
    expect(ends[0]).toContain("Ihr Konto ist bereit");
    expect(ends[1]).toContain("Der Code gilt nicht mehr");
  });
});
