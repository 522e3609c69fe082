import type { RequestTemplate } from "../load/load-order.ts";

export const DOMAIN = "bench.example";

const JSON_HEADERS = { "Content-Type": "application/json" } as const;
const post = (path: string, body: object): RequestTemplate => ({
  method: "POST",
  path,
  headers: JSON_HEADERS,
  body: JSON.stringify(body),
});
/** The stand-in recognises a push by this text in its payload. */
const CALLER = "bench~{n}~";
const CALLEE = `{callee}@${DOMAIN}`;

export const CALLS = post("/v1/calls", { call_id: "c{n}@bench", callee: CALLEE, caller: CALLER });
export const PUSHES_CALL = post("/v1/pushes", { kind: "call", callee: CALLEE, push_id: "p{n}", caller: CALLER });
export const PUSHES_MESSAGE = post("/v1/pushes", { kind: "message", callee: CALLEE, push_id: "m{n}", alert: CALLER });
/** As SEMS writes it. */
export const SIPWISE: RequestTemplate = {
  method: "GET",
  path: `/push?caller=${CALLER}&callee={callee}&domain=${DOMAIN}`,
  headers: {},
  body: "",
};

const registration = (body: object): RequestTemplate => ({
  ...post(`/v1/subscribers/${CALLEE}/devices/{device}`, body),
  method: "PUT",
});
export const APNS_DEVICE = registration({ provider: "apns", tokens: { voip: "{hex}", remote: "{hex}" } });
export const FCM_DEVICE = registration({ provider: "fcm", token: `bench:APA91b${"{hex}".repeat(2)}` });

/** The token of device `number`, as the load writes it for `{hex}`. */
export function fillHex(number: number): string {
  return number.toString(16).padStart(64, "0");
}
