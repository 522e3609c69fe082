import type { FastifyPluginAsync, FastifyReply } from "fastify";
import type { Clock } from "../gateway/clock.ts";
import type { GatewayEvents } from "../gateway/gateway-events.ts";
import { chooseTexts } from "./languages/choose-texts.ts";
import { findLaunch, type LaunchApp } from "./launch-app.ts";
import { buildBadLinkPage, buildLaunchPage, buildTooManyPage } from "./launch-page.ts";
import { IPAD_SCRIPT } from "./ipad-script.ts";
import { isDesktopBrowser, mayBeIpad, readLinkParameter } from "./launch-request.ts";
import { IPAD_PAGE_HEADERS, PAGE_HEADERS } from "./page.ts";
import { createRateLimit } from "./rate-limit.ts";

export interface LaunchRouteDeps {
  /** Paths of all apps, fixed when the server starts. */
  readonly paths: readonly string[];
  /** Called at every request, so that a changed configuration applies at once. */
  readonly apps: () => readonly LaunchApp[];
  readonly perMinute: number;
  readonly events: Pick<GatewayEvents, "launchAnswered">;
  readonly clock: Clock;
}

const RETRY_AFTER_SECONDS = 60;

/**
 * Routes for links in mails and messages. A phone is redirected to the app; any other browser gets a page. They change
 * no state.
 */
export function createLaunchRoutes({ paths, apps, perMinute, events, clock }: LaunchRouteDeps): FastifyPluginAsync {
  const limit = createRateLimit({ count: perMinute, periodMs: 60_000 });
  return async (app) => {
    for (const path of paths) {
      // The path and the query are credentials, so neither is logged.
      app.get(path, { config: { isPublic: true } }, async (request, reply) => {
        const { ip } = request;
        const texts = chooseTexts(request.headers["accept-language"]);
        if (!limit.take(ip, clock())) {
          events.launchAnswered("limited", ip);
          return sendPage(reply.header("retry-after", RETRY_AFTER_SECONDS), 429, buildTooManyPage(texts));
        }
        const [, query = ""] = /\?(.*)$/s.exec(request.url) ?? [];
        const link = readLinkParameter(query);
        const launch = link === undefined ? undefined : findLaunch(apps(), path, link);
        if (launch === undefined) {
          events.launchAnswered("refused", ip);
          return sendPage(reply, 400, buildBadLinkPage(texts));
        }
        const userAgent = request.headers["user-agent"];
        if (isDesktopBrowser(userAgent)) {
          events.launchAnswered("shown", ip);
          if (mayBeIpad(userAgent)) {
            return reply
              .code(200)
              .headers(IPAD_PAGE_HEADERS)
              .send(buildLaunchPage(launch, texts, IPAD_SCRIPT));
          }
          return sendPage(reply, 200, buildLaunchPage(launch, texts));
        }
        events.launchAnswered("redirected", ip);
        return sendPage(reply.header("location", launch.location), 302, buildLaunchPage(launch, texts));
      });
    }
  };
}

function sendPage(reply: FastifyReply, status: number, page: string): FastifyReply {
  return reply.code(status).headers(PAGE_HEADERS).send(page);
}
