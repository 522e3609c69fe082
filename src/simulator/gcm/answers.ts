import { randomInt, randomUUID } from "node:crypto";
import type { Answer } from "../exchange.ts";

/** Result of Google's legacy server for one token. Errors arrive with HTTP 200, too. */
export type GcmResult = { readonly message_id: string; readonly registration_id?: string } | { readonly error: string };

export function buildMessageId(): string {
  return `0:${randomUUID().replaceAll("-", "")}`;
}

export function buildJsonAnswer(results: readonly GcmResult[]): Answer {
  const failure = results.filter((result) => "error" in result).length;
  const canonical = results.filter((result) => "registration_id" in result).length;
  const body = {
    multicast_id: randomInt(1, 2 ** 47),
    success: results.length - failure,
    failure,
    canonical_ids: canonical,
    results,
  };
  return { status: 200, headers: { "content-type": "application/json; charset=UTF-8" }, body: JSON.stringify(body) };
}

/** One line each: `id=…`, `registration_id=…`, or `Error=…`. */
export function buildPlainAnswer(result: GcmResult): Answer {
  const lines =
    "error" in result
      ? [`Error=${result.error}`]
      : [
          `id=${result.message_id}`,
          ...(result.registration_id === undefined ? [] : [`registration_id=${result.registration_id}`]),
        ];
  return buildText(200, lines.join("\n"));
}

export function buildText(status: number, text: string): Answer {
  return { status, headers: { "content-type": "text/plain; charset=UTF-8" }, body: `${text}\n` };
}

export function buildUnauthorized(): Answer {
  const body =
    "<HTML><HEAD><TITLE>Unauthorized</TITLE></HEAD><BODY><H1>Unauthorized</H1><H2>Error 401</H2></BODY></HTML>\n";
  return { status: 401, headers: { "content-type": "text/html; charset=UTF-8" }, body };
}
