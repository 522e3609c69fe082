import { createServer } from "node:http";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildAppsConfig } from "../../src/demo/simulated-setup.ts";
import { decodeLink } from "../../src/launcher/link.ts";
import { startMailServer, type MailServer } from "../fixtures/mail-server.ts";
import { BILLING_PROFILE_ID, RESELLER_ID, startNgcpServer, type NgcpServer } from "../fixtures/ngcp/ngcp-server.ts";
import { startRunningGateway, type RunningGateway } from "../fixtures/gateway-processes.ts";
import { findAccessibilityFaults, keepScreenshot, launchBrowser, openPhone } from "./browser.ts";

const KEY = "0123456789abcdef";
const IV = "fedcba9876543210";

let ngcp: NgcpServer;
let mail: MailServer;
let running: RunningGateway;
let browser: Browser;
let people = 0;
let email = "";

beforeAll(async () => {
  [ngcp, mail, browser] = await Promise.all([startNgcpServer(), startMailServer(), launchBrowser()]);
  running = await startRunningGateway({
    prepare: (_simulator, directory) => writeFile(join(directory, "ngcp.pem"), ngcp.certificate),
    config: (simulator) => `${buildAppsConfig(simulator)}
launcher:
  key: ${KEY}
  iv: ${IV}
  app_name: Example Phone
  url: https://push.example.org/p
  sign_up:
    domain: example.org
    secret: ${"a secret of the operator ".repeat(2)}
    sign_ups_per_hour: 1000
    terms_url: https://example.org/terms
    privacy_url: https://example.org/privacy
    ngcp:
      url: ${ngcp.url}
      user: ${ngcp.login.user}
      password: ${ngcp.login.password}
      ca_file: ngcp.pem
      reseller_id: ${RESELLER_ID}
      billing_profile_id: ${BILLING_PROFILE_ID}
    smtp: { host: ${mail.host}, port: ${mail.port}, tls: none, from: phone@example.org }
`,
  });
});

afterAll(async () => {
  await browser.close();
  for (const server of [running, mail, ngcp]) await server[Symbol.asyncDispose]();
});

beforeEach(() => {
  people += 1;
  email = `ada${people}@example.org`;
});

const address = () => `${running.tls.replace("127.0.0.1", "localhost").replace("[::1]", "localhost")}/signup`;
const mailsTo = (to: string) => mail.mails.filter((received) => received.to.includes(to));
const subscribers = () => [...ngcp.tables.subscribers.values()].filter((row) => row["email"] === email);

async function fillForm(page: Page): Promise<void> {
  await page.goto(address());
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("Phone number").fill("+43 664 1234567");
  await page.getByLabel("E-mail address").fill(email);
}

async function readCode(): Promise<string> {
  await expect.poll(() => mailsTo(email).length).toBeGreaterThan(0);
  return /^(\d{6}) is your code for Example Phone\.$/m.exec(mailsTo(email).at(-1)?.text ?? "")?.[1] ?? "";
}

async function askForCode(page: Page): Promise<string> {
  await fillForm(page);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByRole("heading", { name: "Enter the code" }).waitFor();
  return readCode();
}

async function confirm(page: Page, code: string): Promise<void> {
  await page.getByLabel("Code").fill(code);
  await page.getByRole("button", { name: "Confirm" }).click();
}

it("leads from an empty form to an account, and to a link that logs the app in", async () => {
  await using phone = await openPhone(browser);
  const { page } = phone;

  const code = await askForCode(page);
  await confirm(page, code);
  await page.getByRole("heading", { name: "Your account is ready" }).waitFor();
  const [, linkMail] = mailsTo(email);
  const [, query = ""] = /https:\/\/push\.example\.org\/p(\?c=\S+)/.exec(linkMail?.text ?? "") ?? [];
  const opened = await fetch(`${running.plain}/p${query}`, { redirect: "manual" });
  const link = (opened.headers.get("location") ?? "").replace("sipphone://", "");

  expect(opened.status).toBe(302);
  const [subscriber] = subscribers();
  expect(decodeLink(link, { key: KEY, iv: IV })).toEqual({
    username: subscriber?.["username"],
    server: "example.org",
    password: subscriber?.["password"],
  });
  expect(subscribers()).toHaveLength(1);
  expect(linkMail?.html).toContain(`https://push.example.org/p${query}`);
  expect(phone.complaints).toEqual([]);
});

it("keeps people's data, codes and links out of the gateway's log", async () => {
  await using phone = await openPhone(browser);
  await confirm(phone.page, await askForCode(phone.page));
  await phone.page.getByRole("heading", { name: "Your account is ready" }).waitFor();

  const log = JSON.stringify(running.logLines);

  expect(log).toContain("sign-up: completed");
  expect(log).not.toMatch(/ada\d*@|Lovelace|664|\?c=|secret of the operator|correct horse/);
});

describe("every page", () => {
  it.each(["light", "dark"] as const)("keeps to WCAG 2.2 AA, in %s colours, and fits a phone", async (colours) => {
    await using phone = await openPhone(browser, colours);
    const { page } = phone;
    const look = async (name: string): Promise<void> => {
      await keepScreenshot(page, `sign-up-${name}-${colours}`);
      const width = await page.evaluate<number>("document.documentElement.scrollWidth");
      expect([name, await findAccessibilityFaults(page), width]).toEqual([name, [], 390]);
    };

    await page.goto(address());
    await look("1-form");
    await page.getByRole("button", { name: "Send me a code" }).click();
    await page.getByRole("alert").waitFor();
    await look("2-errors");
    const code = await askForCode(page);
    await look("3-code");
    await confirm(page, code === "000000" ? "111111" : "000000");
    await page.getByText("This is not the code.").waitFor();
    await look("4-wrong-code");
    await confirm(page, code);
    await page.getByRole("heading", { name: "Your account is ready" }).waitFor();
    await look("5-done");
    await page.goto(`${address().replace("/signup", "/p")}?c=broken`);
    await look("6-bad-link");
  });

  it("can be worked with the keyboard alone, past what is not for people", async () => {
    await using phone = await openPhone(browser);
    const { page } = phone;
    await page.goto(address());

    const reached: string[] = [];
    for (const text of ["Ada Lovelace", "+43 664 1234567", email]) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate<string>("document.activeElement?.id"));
      await page.keyboard.type(text);
    }
    await page.keyboard.press("Tab");
    reached.push(await page.evaluate<string>("document.activeElement?.tagName"));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Enter the code" }).waitFor();
    // The field has the focus already.
    await page.keyboard.type(await readCode());
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Your account is ready" }).waitFor();

    expect(reached).toEqual(["name", "phone", "email", "BUTTON"]);
  });

  it("leads from an error to its field, and says which it is", async () => {
    await using phone = await openPhone(browser);
    const { page } = phone;
    await page.goto(address());
    await page.getByLabel("Your name").fill("Ada");
    await page.getByRole("button", { name: "Send me a code" }).click();

    await page
      .getByRole("alert")
      .getByRole("link", { name: /e-mail/ })
      .click();
    await page.keyboard.type("x");

    expect(await page.getByLabel("Your name").inputValue()).toBe("Ada");
    expect(await page.getByLabel("E-mail address").getAttribute("aria-invalid")).toBe("true");
    expect(page.url()).toMatch(/#email$/);
  });
});

it("makes one account of an impatient finger", async () => {
  await using phone = await openPhone(browser);
  const { page } = phone;
  const code = await askForCode(page);

  await page.getByLabel("Code").fill(code);
  await page.getByRole("button", { name: "Confirm" }).dblclick({ noWaitAfter: true });
  await page.getByRole("heading", { name: "Your account is ready" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Your account is ready" }).waitFor();

  expect(subscribers()).toHaveLength(1);
  expect(mailsTo(email)).toHaveLength(2);
});

it("lets a person try again when NGCP had a bad moment", async () => {
  ngcp.failNext("POST subscribers", { status: 500 }, { status: 500 }, { status: 500 });
  await using phone = await openPhone(browser);
  const { page } = phone;
  const code = await askForCode(page);

  await confirm(page, code);
  await page.getByText("Something went wrong on our side.").waitFor();
  await confirm(page, code);
  await page.getByRole("heading", { name: "Your account is ready" }).waitFor();

  expect(subscribers()).toHaveLength(1);
});

it("is not signed up for by another site", async () => {
  const form = `<form method="post" action="${address()}"><input name="name" value="Eve"><input name="email" value="${email}"><input name="form_token" value="x"></form><script>document.forms[0].submit()</script>`;
  const other = createServer((_request, response) => response.setHeader("content-type", "text/html").end(form));
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  await using phone = await openPhone(browser);
  const { page } = phone;
  // The browser has the cookie already.
  await page.goto(address());

  await page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
  await page.getByRole("heading", { name: "Please start again" }).waitFor();
  other.close();

  expect(mailsTo(email)).toEqual([]);
});

it("is framed by nobody", async () => {
  const frame = `<iframe src="${address()}"></iframe>`;
  const other = createServer((_request, response) => response.setHeader("content-type", "text/html").end(frame));
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  await using phone = await openPhone(browser);

  await phone.page.goto(`http://127.0.0.1:${(other.address() as AddressInfo).port}/`);
  await expect.poll(() => phone.complaints.join("\n")).toContain("frame-ancestors");
  other.close();
});
