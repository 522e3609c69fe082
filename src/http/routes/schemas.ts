import { Type } from "typebox";

const closed = { additionalProperties: false };

/** No route of ours has a query: a key put there (`?api_key=`) ends up in logs, so it is refused, not ignored. */
export const NoQuery = Type.Object({}, closed);

/** Text that fits on a line. */
export const Line = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: "^[^\\u0000-\\u001f\\u007f]*$" });

export const SubscriberParams = Type.Object({ subscriber: Type.String({ maxLength: 600 }) }, closed);
export const DomainParams = Type.Object({ domain: Type.String({ maxLength: 260 }) }, closed);
export const DeviceParams = Type.Object(
  {
    subscriber: Type.String({ maxLength: 600 }),
    device: Type.String({ pattern: "^[A-Za-z0-9._:@=+~-]{1,128}$" }),
  },
  closed,
);
