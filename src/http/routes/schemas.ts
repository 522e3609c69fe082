import { Type } from "typebox";

const closed = { additionalProperties: false };

/** These routes have no query. A key in one (`?api_key=`) would end up in logs, so it is refused instead of ignored. */
export const NoQuery = Type.Object({}, closed);

/** Text on a single line. */
export const Line = (maxLength: number) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: "^[^\\u0000-\\u001f\\u007f]*$",
    description: "text without control characters",
  });

export const SubscriberParams = Type.Object({ subscriber: Type.String({ maxLength: 600 }) }, closed);
export const DomainParams = Type.Object({ domain: Type.String({ maxLength: 260 }) }, closed);
export const DeviceParams = Type.Object(
  {
    subscriber: Type.String({ maxLength: 600 }),
    device: Type.String({
      pattern: "^[A-Za-z0-9._:@=+~-]{1,128}$",
      description: "1 to 128 letters, digits or any of . _ : @ = + ~ -",
    }),
  },
  closed,
);
