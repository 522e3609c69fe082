import { sendRequest, type ClientTls } from "../../client/send-request.ts";
import { compact } from "../../push/compact.ts";

export interface SmsSettings {
  /** URL in which `{to}` and `{text}` are replaced, escaped for a URL. */
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly contentType: "application/json" | "application/x-www-form-urlencoded" | "text/plain";
  /** Body in which `{to}` and `{text}` are replaced, escaped for the content type. */
  readonly body: string;
  readonly authorization?: string;
  readonly tls: ClientTls;
}

export type SendSms = (to: string, text: string) => Promise<void>;

type Escape = (text: string) => string;

const ESCAPES = {
  // The template provides the quotes.
  "application/json": (text) => JSON.stringify(text).slice(1, -1),
  "application/x-www-form-urlencoded": encodeURIComponent,
  "text/plain": (text) => text,
} as const satisfies Record<SmsSettings["contentType"], Escape>;

/** Returns a function that sends a message through an HTTP gateway. It rejects unless the gateway answers 2xx. */
export function createSmsSender(settings: SmsSettings): SendSms {
  const { url, method, contentType, body, authorization, tls } = settings;
  return async (to, text) => {
    const values = { to, text };
    const { status } = await sendRequest(
      compact({
        url: new URL(fill(url, values, encodeURIComponent)),
        method,
        headers: compact({
          "content-type": method === "POST" ? contentType : undefined,
          authorization,
        }),
        body: method === "POST" ? fill(body, values, ESCAPES[contentType]) : undefined,
        tls,
      }),
    );
    if (status < 200 || status > 299) throw new Error(`the SMS gateway answered HTTP ${status}`);
  };
}

function fill(template: string, values: { readonly to: string; readonly text: string }, escape: Escape): string {
  return template.replaceAll(/\{(to|text)\}/g, (_match, name: "to" | "text") => escape(values[name]));
}
