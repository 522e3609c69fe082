import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import type { LoadTarget, RequestTemplate } from "../load/load-order.ts";
import { fillTemplate } from "../load/template.ts";

/** Sends request `number` of a template on a connection of its own. Returns the status, or 0 without an answer. */
export function sendOnce({ port, ca }: LoadTarget, template: RequestTemplate, number: number): Promise<number> {
  const { path, body } = fillTemplate(template, number, 1);
  const { method, headers } = template;
  const options = { host: "127.0.0.1", port, path, method, headers, agent: false };
  return new Promise((resolve) => {
    const outgoing = ca === undefined ? requestPlain(options) : requestTls({ ...options, ca, servername: "localhost" });
    outgoing.on("response", (incoming) => {
      incoming.resume();
      incoming.on("end", () => resolve(incoming.statusCode ?? 0));
    });
    outgoing.on("error", () => resolve(0));
    outgoing.end(body);
  });
}

/** Returns the body of a GET. Rejects without an answer. */
export function getText({ port, ca }: LoadTarget, path: string): Promise<string> {
  const options = { host: "127.0.0.1", port, path, agent: false };
  return new Promise((resolve, reject) => {
    const outgoing = ca === undefined ? requestPlain(options) : requestTls({ ...options, ca, servername: "localhost" });
    outgoing.on("response", (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () => resolve(text));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
