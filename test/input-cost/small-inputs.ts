import { KIB, FORM, JSON_TYPE, fill, many, post, registration, call, type InputShape } from "./input-shape.ts";

/** Inputs for other routes, up to 256 KiB, and for headers. */
export const SMALL_SHAPES: readonly InputShape[] = [
  {
    name: "/v1/pushes, short members",
    maxBytes: 59 * KIB,
    build: (bytes) =>
      post(
        "/v1/pushes",
        JSON_TYPE,
        JSON.stringify({
          callee: "alice@example.org",
          data: Object.fromEntries(
            Array.from({ length: Math.floor(bytes / 9) }, (_, index) => [index.toString(36), ""]),
          ),
        }),
      ),
  },
  {
    name: "/v1/pushes, 64 long members",
    maxBytes: 60 * KIB,
    build: (bytes, unit) =>
      post(
        "/v1/pushes",
        JSON_TYPE,
        JSON.stringify({
          callee: "alice@example.org",
          data: Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`m${index}`, fill(bytes / 128, unit)])),
        }),
      ),
  },
  {
    name: "/v1/pushes, nested",
    maxBytes: 60 * KIB,
    build: (bytes) => post("/v1/pushes", JSON_TYPE, `{"data":${"[".repeat(bytes / 2)}${"]".repeat(bytes / 2)}}`),
  },
  {
    name: "/v1/calls, one long member",
    maxBytes: 60 * KIB,
    build: (bytes, unit) => post("/v1/calls", JSON_TYPE, call({ message: fill(bytes / 3, unit) })),
  },
  {
    name: "/v1/calls, a form of short fields",
    maxBytes: 60 * KIB,
    build: (bytes) =>
      post(
        "/v1/calls",
        FORM,
        many(bytes, (index) => `a${index}=1`, "&"),
      ),
  },
  {
    name: "/v1/calls, a form of members",
    maxBytes: 60 * KIB,
    build: (bytes) =>
      post("/v1/calls", FORM, `call_id=1&callee=a@b.example&${many(bytes, (index) => `data.a${index}=1`, "&")}`),
  },
  {
    name: "registration, many contacts",
    maxBytes: 16 * KIB,
    build: (bytes) =>
      registration(
        Array.from(
          { length: 45 },
          (_, contact) => `<sip:a@b.example;${many(bytes / 45 - 30, (index) => `p${index % 10}${contact}=%zz`, ";")}>`,
        ).join(","),
      ),
  },
  {
    name: "registration, parameters alike",
    maxBytes: 16 * KIB,
    build: (bytes) => registration(`<sip:a@b.example>;${many(bytes - 40, () => "%61=%62", ";")}`),
  },
  {
    name: "registration, quotes",
    maxBytes: 16 * KIB,
    build: (bytes) => registration(`${'"\\""'.repeat(bytes / 4 - 8)}<sip:a@b.example>`),
  },
  {
    name: "registration, white space",
    maxBytes: 16 * KIB,
    build: (bytes) => registration(`<sip:a${" ".repeat(bytes - 40)}@b.example>`),
  },
  {
    name: "registration, semicolons",
    maxBytes: 16 * KIB,
    build: (bytes) => registration(`sip:a@b.example${";".repeat(bytes - 40)}`),
  },
  {
    name: "registration, contacts and a long header",
    maxBytes: 16 * KIB,
    build: (bytes) =>
      registration(Array.from({ length: 45 }, () => "<sip:a@b.example>").join(","), {
        headers: { "X-P-Push": many(bytes, (index) => `a${index}=`, ";") },
      }),
  },
  {
    name: "registration, contacts and many headers",
    maxBytes: 40 * KIB,
    build: (bytes) =>
      registration(Array.from({ length: 45 }, () => "<sip:a@b.example>").join(","), {
        headers: Object.fromEntries(Array.from({ length: Math.floor(bytes / 14) }, (_, index) => [`h${index}`, "1"])),
      }),
  },
  {
    name: "preferences, a silent list",
    maxBytes: 60 * KIB,
    build: (bytes) => ({
      method: "PATCH",
      url: "/v1/subscribers/alice@example.org/preferences",
      headers: JSON_TYPE,
      body: JSON.stringify({
        mobile_push_silent_list: Array.from(
          { length: Math.min(1000, Math.floor(bytes / 60)) },
          (_, index) => `${index}${"x".repeat(50)}`,
        ),
      }),
    }),
  },
  {
    name: "preferences, too long a list",
    maxBytes: 60 * KIB,
    build: (bytes) => ({
      method: "PATCH",
      url: "/v1/subscribers/alice@example.org/preferences",
      headers: JSON_TYPE,
      body: JSON.stringify({
        mobile_push_silent_list: Array.from({ length: Math.floor(bytes / 8) }, (_, index) => `${index}`),
      }),
    }),
  },
  {
    name: "Prefer, many",
    maxBytes: 15 * KIB,
    build: (bytes) => ({
      method: "POST",
      url: "/v1/pushes",
      headers: { ...JSON_TYPE, prefer: many(bytes, () => "wait=", ",") },
      body: '{"callee":"alice@example.org"}',
    }),
  },
  {
    name: "Prefer, blanks",
    maxBytes: 15 * KIB,
    build: (bytes) => ({
      method: "POST",
      url: "/v1/pushes",
      headers: { ...JSON_TYPE, prefer: `wait=1${" ".repeat(bytes)}x` },
      body: '{"callee":"alice@example.org"}',
    }),
  },
  {
    name: "X-Forwarded-For, many",
    maxBytes: 15 * KIB,
    build: (bytes) => ({
      method: "GET",
      url: "/v1/providers",
      headers: { "x-forwarded-for": many(bytes, (index) => `10.0.${index % 10}.1`, ",") },
    }),
  },
  {
    name: "Authorization, a long key",
    maxBytes: 15 * KIB,
    build: (bytes) => ({
      method: "GET",
      url: "/v1/providers",
      headers: { authorization: `Basic ${"QUFB".repeat(bytes / 4)}` },
    }),
  },
  {
    name: "query, many fields",
    maxBytes: 15 * KIB,
    build: (bytes) => ({ method: "GET", url: `/push?${many(bytes, () => "%41=%42", "&")}` }),
  },
  ...["A", "%2B", "%zz", "="].map((part): InputShape => ({
    name: `launch link of ${part}`,
    maxBytes: 14 * KIB,
    build: (bytes) => ({ method: "GET", url: `/p?c=${fill(bytes, part)}` }),
  })),
  {
    name: "trace, a long reference",
    maxBytes: 14 * KIB,
    build: (bytes, unit) => ({ method: "GET", url: `/v1/traces/${encodeURIComponent(fill(bytes / 12, unit))}` }),
  },
  {
    name: "query, separators",
    maxBytes: 15 * KIB,
    build: (bytes) => ({ method: "GET", url: `/push?${"&".repeat(bytes)}` }),
  },
  {
    name: "query, broken escapes",
    maxBytes: 15 * KIB,
    build: (bytes) => ({ method: "GET", url: `/push?${many(bytes, (index) => `a${index}=%zz`, "&")}` }),
  },
  ...["/push", "/v2/tokens/alice@example.org/push", "/v2/tokens/alice@example.org/push/phone"].map(
    (path): InputShape => ({
      name: `sylk, a push to ${path} with long values`,
      maxBytes: 64 * KIB,
      build: (bytes, unit) => {
        const text = fill(bytes / 30, unit);
        const body = { event: "incoming_session", token: text, from: text, to: text, "call-id": text, media: text };
        return post(`/compat/sylk${path}`, JSON_TYPE, JSON.stringify(body));
      },
    }),
  ),
  {
    name: "vialer, a call with long values",
    maxBytes: 16 * KIB,
    build: (bytes, unit) => {
      const text = fill(bytes / 30, unit);
      const body = { sip_user_id: "123", caller_id: text, phonenumber: text, call_id: text };
      return post("/compat/vialer/example.org/api/incoming-call/", JSON_TYPE, JSON.stringify(body));
    },
  },
  {
    name: "Accept-Language, many",
    maxBytes: 15 * KIB,
    build: (bytes) => ({
      method: "POST",
      url: "/push",
      headers: { ...FORM, "accept-language": many(bytes, (index) => `x${index % 10};q=0.${index % 10}`, ",") },
      body: "callee=alice&domain=example.org&caller=bob",
    }),
  },
  ...["flexisip", "freeswitch", "kazoo", "sylk", "vialer"].flatMap((dialect): InputShape[] => {
    const url = `/compat/${dialect}${{ sylk: "/v2/tokens/alice@example.org", vialer: "/example.org/api/incoming-call/" }[dialect] ?? ""}`;
    const maxBytes = { flexisip: 256 * KIB, vialer: 16 * KIB }[dialect] ?? 64 * KIB;
    return [
      {
        name: `${dialect}, form of short fields`,
        maxBytes,
        build: (bytes) =>
          post(
            url,
            FORM,
            many(bytes - 16, (index) => `a${index}=%41`, "&"),
          ),
      },
      { name: `${dialect}, form of separators`, maxBytes, build: (bytes) => post(url, FORM, "&".repeat(bytes)) },
      {
        name: `${dialect}, JSON of short members`,
        maxBytes,
        build: (bytes) => post(url, JSON_TYPE, `{${many(bytes - 16, (index) => `"a${index}":1`, ",")}}`),
      },
      {
        name: `${dialect}, JSON, nested`,
        maxBytes,
        build: (bytes) => post(url, JSON_TYPE, `{"a":${"[".repeat(bytes / 2 - 8)}${"]".repeat(bytes / 2 - 8)}}`),
      },
      {
        name: `${dialect}, JSON, a long value`,
        maxBytes,
        build: (bytes, unit) => post(url, JSON_TYPE, JSON.stringify({ payload: fill(bytes / 7, unit), callid: "c" })),
      },
      {
        name: `${dialect}, a query of fields`,
        maxBytes: 15 * KIB,
        build: (bytes) => ({ method: "GET", url: `${url}?${many(bytes, (index) => `a${index}=%zz`, "&")}` }),
      },
    ];
  }),
];
