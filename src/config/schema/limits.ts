import { Type } from "typebox";

export const Limits = Type.Object(
  {
    data_members: Type.Integer({
      description:
        "Limit for members of `data` in one request to `/v1/pushes` or `/v1/calls`; a request with more is refused. A provider takes 4 KiB in all. The dialects have their own limits.",
      default: 64,
      minimum: 1,
      maximum: 1000,
      expects: "a number of members, from 1 to 1000",
    }),
    loop_delay_ms: Type.Integer({
      description:
        "Average wait for the event loop above which requests are refused with 503 `overloaded`, so that the others are served in time. Four times as much with `durability: disk` on SQLite, where each group of writes waits for the disk. 0 disables it.",
      default: 100,
      minimum: 0,
      maximum: 10_000,
      expects: "milliseconds, from 0 to 10000",
    }),
    request_age_ms: Type.Integer({
      description:
        "Requests that have waited longer for the event loop are refused in the same way, whatever their source.",
      default: 1_000,
      minimum: 10,
      maximum: 60_000,
      expects: "milliseconds, from 10 to 60000",
    }),
    connections_without_key: Type.Integer({
      description:
        "Most connections of one IPv4 address, or one IPv6 /64, that have not shown a valid API key, on listeners that ask for keys. Further ones are closed at once. Loopback and `trusted_proxies` are exempt. 0: no limit.",
      default: 256,
      minimum: 0,
      maximum: 8_192,
      expects: "a number of connections, from 0 to 8192",
    }),
  },
  { description: "Limits of one request, and of the load above which requests are refused unread." },
);
