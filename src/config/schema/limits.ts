import { Type } from "typebox";

export const Limits = Type.Object(
  {
    data_members: Type.Integer({
      description:
        "Most members of `data` in one request to `/v1/pushes` or `/v1/calls`; one with more is refused. A provider takes 4 KiB in all. The dialects have limits of their own.",
      default: 64,
      minimum: 1,
      maximum: 1000,
      expects: "a number of members, from 1 to 1000",
    }),
    loop_delay_ms: Type.Integer({
      description:
        "The average wait for the event loop above which requests are refused with 503 and `overloaded`, so that the others are served in time. Four times as much with `durability: disk` on SQLite, where each group of writes waits for the disk. 0: never.",
      default: 100,
      minimum: 0,
      maximum: 10_000,
      expects: "milliseconds, from 0 to 10000",
    }),
    request_age_ms: Type.Integer({
      description:
        "Requests that have waited for the event loop for longer are refused in the same way, whoever sent them.",
      default: 1_000,
      minimum: 10,
      maximum: 60_000,
      expects: "milliseconds, from 10 to 60000",
    }),
  },
  { description: "What one request may ask for, and when requests are refused unread." },
);
