import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { startMailServer, type MailServer } from "../../../test/fixtures/mail-server.ts";
import { ADA } from "../../../test/fixtures/launch-fixture.ts";
import { createMailer, type SmtpSettings } from "./mailer.ts";
import { createMailMessenger, createSmsMessenger } from "./messenger.ts";
import { createSmsSender, type SmsSettings } from "./sms-gateway.ts";

const FROM = { name: "Bücher & Phone", address: "phone@example.org" };

function mailer(server: MailServer, settings: Partial<SmtpSettings> = {}) {
  const { host, port } = server;
  return createMailer({ host, port, implicitTls: false, plain: true, from: FROM, ...settings });
}

describe("mail", () => {
  it("brings the code, and then the link, as text and as HTML", async () => {
    await using server = await startMailServer();
    const messenger = createMailMessenger(mailer(server), FROM.name);

    await messenger.sendCode(ADA, "042042");
    await messenger.sendLink({ ...ADA, name: "Ada <b>" }, { url: "https://push.example.org/p", link: "AA+/==" });
    const [code, link] = server.mails;

    expect(code).toMatchObject({ to: [ADA.email], from: FROM.address });
    expect(code?.headers).toMatch(/^Subject: =\?UTF-8\?Q\?042042_is_your_code/m);
    expect(code?.headers).toMatch(/^Auto-Submitted: auto-generated/im);
    expect(code?.text).toContain("042042 is your code for Bücher & Phone.");
    expect(link?.text).toContain("https://push.example.org/p?c=AA%2B%2F%3D%3D\n");
    expect(link?.html).toContain('href="https://push.example.org/p?c=AA%2B%2F%3D%3D"');
    expect(link?.html).toContain("Hello Ada &lt;b&gt;,");
    expect(link?.html).toContain("Open Bücher &amp; Phone</a>");
  });

  it("demands TLS and logs in at a server that is not on this machine", async () => {
    await using server = await startMailServer({ strict: true });
    const { login, certificate: ca } = server;

    await mailer(server, { plain: false, login, ca })(ADA.email, { subject: "a", text: "b", html: "c" });

    expect(server.mails).toMatchObject([{ isEncrypted: true }]);
  });

  it("does not speak to a server without TLS that should have it, nor to a stranger", async () => {
    await using plain = await startMailServer();
    await using strict = await startMailServer({ strict: true });
    const mail = { subject: "a", text: "b", html: "c" };

    await expect(mailer(plain, { plain: false })(ADA.email, mail)).rejects.toThrow(/did not take the mail/);
    await expect(mailer(strict, { plain: false, login: strict.login })(ADA.email, mail)).rejects.toThrow(
      /did not take the mail/,
    );
    expect([...plain.mails, ...strict.mails]).toEqual([]);
  });

  it("says why a mail was refused, without the address", async () => {
    await using server = await startMailServer();
    server.refuseNext();

    const error = await mailer(server)(ADA.email, { subject: "a", text: "b", html: "c" }).catch(
      (reason: unknown) => reason,
    );

    expect(String(error)).toBe(
      `Error: the mail server ${server.host}:${server.port} did not take the mail (EENVELOPE 550)`,
    );
  });
});

describe("SMS", () => {
  interface Asked {
    readonly method: string | undefined;
    readonly url: string | undefined;
    readonly contentType: string | undefined;
    readonly authorization: string | undefined;
    readonly body: string;
  }

  async function startGateway(status = 200) {
    const asked: Asked[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        const { method, url, headers } = request;
        asked.push({ method, url, contentType: headers["content-type"], authorization: headers.authorization, body });
        response.writeHead(status).end();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return { asked, url: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => void server.close() };
  }

  const JSON_SETTINGS: Omit<SmsSettings, "url"> = {
    method: "POST",
    contentType: "application/json",
    body: '{"to":"{to}","text":"{text}"}',
    tls: {},
  };

  it("brings the code and the link by an HTTP gateway", async () => {
    using gateway = await startGateway();
    const settings = { ...JSON_SETTINGS, url: `${gateway.url}/send`, authorization: "Bearer t" };
    const messenger = createSmsMessenger(createSmsSender(settings), 'My "Phone"');

    await messenger.sendCode(ADA, "042042");
    await messenger.sendLink(ADA, { url: "https://a.example/p", link: "AA+/==" });

    expect(gateway.asked).toMatchObject([
      { method: "POST", url: "/send", contentType: "application/json", authorization: "Bearer t" },
      { method: "POST" },
    ]);
    expect(gateway.asked.map(({ body }) => JSON.parse(body))).toEqual([
      { to: ADA.phone, text: '042042 is your code for My "Phone".' },
      { to: ADA.phone, text: 'My "Phone": https://a.example/p?c=AA+/==' },
    ]);
  });

  it.each([
    ["application/x-www-form-urlencoded", "to={to}&text={text}", "to=%2B436641234567&text=a%26b%20%22c%22"],
    ["text/plain", "{to}: {text}", '+436641234567: a&b "c"'],
  ] as const)("escapes for %s", async (contentType, template, body) => {
    using gateway = await startGateway();

    await createSmsSender({ ...JSON_SETTINGS, url: gateway.url, contentType, body: template })(ADA.phone, 'a&b "c"');

    expect(gateway.asked[0]?.body).toBe(body);
  });

  it("can put all into the URL, and nothing else can get there", async () => {
    using gateway = await startGateway();
    const url = `${gateway.url}/send?to={to}&text={text}`;

    await createSmsSender({ ...JSON_SETTINGS, url, method: "GET" })(ADA.phone, "a&to=+1 {to}");

    expect(gateway.asked[0]).toMatchObject({ url: "/send?to=%2B436641234567&text=a%26to%3D%2B1%20%7Bto%7D", body: "" });
  });

  it.each([302, 401, 500])("is not sent where the gateway answers %i", async (status) => {
    using gateway = await startGateway(status);

    await expect(createSmsSender({ ...JSON_SETTINGS, url: gateway.url })(ADA.phone, "a")).rejects.toThrow(
      `the SMS gateway answered HTTP ${status}`,
    );
  });
});
