import { describe, expect, it } from "vitest";
import { aLaunchApp, DESKTOP, STANDARD_SECRET, startLaunchFixture } from "../../../test/fixtures/launch-fixture.ts";
import { encodeLink } from "../link.ts";
import { createMailMessenger, createSmsMessenger } from "../sign-up/messenger.ts";
import type { Mail } from "../sign-up/messages.ts";
import { chooseTexts } from "./choose-texts.ts";
import { GERMAN } from "./de.ts";
import { ENGLISH } from "./en.ts";

/** As browsers send them. */
const CHROME_IN_AUSTRIA = "de-AT,de;q=0.9,en-US;q=0.8,en;q=0.7";
const FIREFOX_IN_FRANCE = "fr,fr-FR;q=0.8,en-US;q=0.5,en;q=0.3";

describe("Accept-Language", () => {
  it.each([
    [undefined, "en"],
    ["", "en"],
    ["*", "en"],
    [CHROME_IN_AUSTRIA, "de"],
    [FIREFOX_IN_FRANCE, "en"],
    ["fr-CH, fr;q=0.9, de;q=0.7, *;q=0.5", "de"],
    ["en;q=0.2, de;q=0.8", "de"],
    ["de;q=0, en;q=0.1", "en"],
    ["de;q=0", "en"],
    ["DE-ch", "de"],
    ["deu", "en"],
    ["de;q=broken, en", "en"],
    [`${"xx,".repeat(100_000)}de`, "en"],
  ])("%.60s is %s", (header, language) => {
    expect(chooseTexts(header).language).toBe(language);
  });
});

it("has another text for everything in German", () => {
  const same = (english: unknown, german: unknown, path: string): string[] => {
    if (typeof english === "function" && typeof german === "function") {
      return same(english("A", "B"), german("A", "B"), path);
    }
    if (typeof english !== "object" || typeof german !== "object") return english === german ? [path] : [];
    const [left, right] = [english as Record<string, unknown>, german as Record<string, unknown>];
    return Object.keys(left).flatMap((key) => same(left[key], right[key], `${path}.${key}`));
  };

  expect(same(ENGLISH, GERMAN, "texts")).toEqual(["texts.code.label"]);
});

describe("a launch link's page", () => {
  const link = encodeURIComponent(
    encodeLink({ username: "testuser", server: "example.org", password: "testpass" }, STANDARD_SECRET),
  );
  const stores = { apple: "https://apps.apple.com/app/id1", google: "https://play.google.com/store" };

  it.each([
    [`/p?c=${link}`, 200, "Example Phone öffnen", "App öffnen"],
    ["/p?c=bad", 400, "Dieser Link funktioniert nicht", "fordern Sie einen neuen an"],
  ])("is German for a German browser: %.10s, %i", async (path, status, title, text) => {
    await using fixture = await startLaunchFixture({ apps: [aLaunchApp({ stores })] });

    const answer = await fixture.open(path, { "user-agent": DESKTOP, "accept-language": CHROME_IN_AUSTRIA });
    const page = await answer.text();

    expect(answer.status).toBe(status);
    expect(answer.headers.get("vary")).toMatch(/accept-language/i);
    expect(page).toContain('<html lang="de">');
    expect(page).toContain(`<h1>${title}</h1>`);
    expect(page).toContain(text);
    expect(page).not.toMatch(/\b(?:the|your|from)\b/i);
  });

  it("is English for another", async () => {
    await using fixture = await startLaunchFixture({ perMinute: 1 });

    const pages = [
      await fixture.open(`/p?c=${link}`, { "user-agent": DESKTOP, "accept-language": FIREFOX_IN_FRANCE }),
      await fixture.open(`/p?c=${link}`, { "accept-language": CHROME_IN_AUSTRIA }),
    ];

    expect(await pages[0]?.text()).toContain('<html lang="en">');
    expect(await pages[1]?.text()).toContain("Bitte warten Sie einen Moment");
  });
});

describe("messages of a sign-up", () => {
  const person = { name: "Ada <3", email: "ada@example.org", phone: "+436641234567", language: "de" } as const;
  const sent = { url: "https://push.example.org/p", link: "QUJD" };

  it("are mails in the person's language", async () => {
    const mails: Mail[] = [];
    const messenger = createMailMessenger(async (_to, mail) => void mails.push(mail), "Phone");

    await messenger.sendCode(person, "123456");
    await messenger.sendLink(person, sent);

    expect(mails.map(({ subject }) => subject)).toEqual(["123456 ist Ihr Code für Phone", "Ihr Konto für Phone"]);
    for (const { text, html } of mails) {
      expect(html).toContain('<html lang="de">');
      expect(text).not.toMatch(/\b(?:the|your|is)\b/i);
    }
    expect(mails[1]?.html).toContain("Guten Tag Ada &lt;3,");
  });

  it("are short messages in the person's language", async () => {
    const messages: string[] = [];
    const messenger = createSmsMessenger(async (_to, text) => void messages.push(text), "Phone");

    await messenger.sendCode(person, "123456");

    expect(messages).toEqual(["123456 ist Ihr Code für Phone."]);
  });
});
