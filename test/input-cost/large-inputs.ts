import {
  MIB,
  LARGEST,
  LARGEST_BUT_FORMS,
  FORM,
  JSON_TYPE,
  BOUNDARY,
  MULTIPART,
  MESSAGE,
  fill,
  many,
  post,
  escapesOf,
  escaped,
  type InputShape,
} from "./input-shape.ts";

/** Inputs for `/push`, up to 5 MiB. */
export const LARGE_SHAPES: readonly InputShape[] = [
  {
    name: "form, one long value",
    maxBytes: LARGEST,
    build: (bytes, unit) => post("/push", FORM, MESSAGE + fill(bytes - 200, unit)),
  },
  {
    name: "form, one escaped value",
    maxBytes: LARGEST,
    build: (bytes, unit) => post("/push", FORM, MESSAGE + fill(bytes - 200, escaped(unit))),
  },
  {
    name: "form, the text three times as Prosody sends it",
    maxBytes: 4 * MIB,
    build: (bytes, unit) => {
      const text = fill(bytes / 3, escaped(unit));
      return post("/push", FORM, `${MESSAGE}${text}&data_full_message=${text}&apns_alert=${text}`);
    },
  },
  {
    name: "form, one value as long as it may be",
    maxBytes: 1.5 * MIB,
    build: (bytes, unit) => post("/push", FORM, MESSAGE + fill(bytes - 200, unit)),
  },
  {
    name: "form, three long texts that differ",
    maxBytes: 4.5 * MIB - 600,
    build: (bytes, unit) => {
      const text = fill(bytes / 3 - 200, escaped(unit));
      return post("/push", FORM, `${MESSAGE}${text}1&data_full_message=${text}2&apns_alert=${text}3`);
    },
  },
  {
    name: "form, short fields",
    maxBytes: LARGEST,
    build: (bytes) =>
      post(
        "/push",
        FORM,
        many(bytes, (index) => `${index % 10}=1`, "&"),
      ),
  },
  {
    name: "form, fields without a name",
    maxBytes: LARGEST,
    build: (bytes) =>
      post(
        "/push",
        FORM,
        many(bytes, () => "=1", "&"),
      ),
  },
  { name: "form, separators alone", maxBytes: LARGEST, build: (bytes) => post("/push", FORM, "&".repeat(bytes)) },
  {
    name: "form, an event and a long value",
    maxBytes: LARGEST,
    build: (bytes, unit) => post("/push", FORM, `event=call&${MESSAGE}${fill(bytes, unit)}`),
  },
  {
    name: "JSON, one long value",
    maxBytes: LARGEST_BUT_FORMS,
    build: (bytes, unit) =>
      post(
        "/push",
        JSON_TYPE,
        JSON.stringify({
          callee: "alice@example.org",
          data_type: "message",
          data_message: fill((bytes - 200) / escapesOf(unit), unit),
        }),
      ),
  },
  {
    name: "JSON, short members",
    maxBytes: LARGEST_BUT_FORMS,
    build: (bytes) => post("/push", JSON_TYPE, `{${many(bytes, (index) => `"a${index}":1`, ",")}}`),
  },
  {
    name: "JSON, null members",
    maxBytes: LARGEST_BUT_FORMS,
    build: (bytes) => post("/push", JSON_TYPE, `{${many(bytes, () => `"":null`, ",")}}`),
  },
  {
    name: "JSON, nested lists",
    maxBytes: LARGEST_BUT_FORMS,
    build: (bytes) => post("/push", JSON_TYPE, `{"a":${"[".repeat(bytes / 2)}${"]".repeat(bytes / 2 - 8)}}`),
  },
  {
    name: "JSON, nested objects",
    maxBytes: LARGEST_BUT_FORMS,
    build: (bytes) => post("/push", JSON_TYPE, `{"a":${'{"a":'.repeat(bytes / 8)}1${"}".repeat(bytes / 8)}}`),
  },
  { name: "JSON, a list", maxBytes: LARGEST_BUT_FORMS, build: (bytes) => post("/push", JSON_TYPE, "[".repeat(bytes)) },
  {
    name: "JSON, an open string",
    maxBytes: LARGEST_BUT_FORMS,
    build: (bytes) => post("/push", JSON_TYPE, `{"a":"${'\\"'.repeat(bytes / 2 - 8)}`),
  },
  {
    name: "multipart, short parts",
    maxBytes: LARGEST_BUT_FORMS,
    build: (bytes) =>
      post(
        "/push",
        MULTIPART,
        `${many(bytes, (index) => `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a${index}"\r\n\r\n1\r\n`, "")}--${BOUNDARY}--`,
      ),
  },
  {
    name: "multipart, parts without a name",
    maxBytes: LARGEST_BUT_FORMS,
    build: (bytes) =>
      post(
        "/push",
        MULTIPART,
        `${many(bytes, () => `--${BOUNDARY}\r\nContent-Disposition: form-data; name=""\r\n\r\n\r\n`, "")}--${BOUNDARY}--`,
      ),
  },
  {
    name: "multipart, a part of headers",
    maxBytes: LARGEST_BUT_FORMS,
    build: (bytes) =>
      post(
        "/push",
        MULTIPART,
        `--${BOUNDARY}\r\n${many(bytes - 200, (index) => `h${index}: 1`, "\r\n")}\r\n\r\n1\r\n--${BOUNDARY}--`,
      ),
  },
  {
    name: "multipart, a disposition of parameters",
    maxBytes: LARGEST_BUT_FORMS,
    build: (bytes) =>
      post(
        "/push",
        MULTIPART,
        `--${BOUNDARY}\r\nContent-Disposition: form-data${many(bytes - 200, (index) => `; a${index}=1`, "")}\r\n\r\n1\r\n--${BOUNDARY}--`,
      ),
  },
  {
    name: "multipart, one long part",
    maxBytes: LARGEST_BUT_FORMS,
    build: (bytes, unit) =>
      post(
        "/push",
        MULTIPART,
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="data_message"\r\n\r\n${fill(bytes - 200, unit)}\r\n--${BOUNDARY}--`,
      ),
  },
];
