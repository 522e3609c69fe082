import { mkdirSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";

const ARTIFACTS = join(import.meta.dirname, "../../artifacts/browser");

/** Debian's binary. Its wrapper script needs a home directory and a session bus. */
const EXECUTABLE = "/usr/bin/chromium";

export interface Phone extends AsyncDisposable {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Console output and errors; empty for a page without script. */
  readonly complaints: string[];
}

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}

/** Opens a page as a phone shows it. */
export async function openPhone(browser: Browser, colorScheme: "light" | "dark" = "light"): Promise<Phone> {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
    colorScheme,
    // The certificate is from the simulator's own authority.
    ignoreHTTPSErrors: true,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { context, page, complaints, [Symbol.asyncDispose]: () => context.close() };
}

/** Saves a picture of the page for people. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(ARTIFACTS, { recursive: true });
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: true });
}

/** Returns axe's findings against WCAG 2.2 AA, one line each. */
export async function findAccessibilityFaults(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  return page.evaluate(async (values) => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run({
      runOnly: { type: "tag", values },
    });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  }, tags);
}
