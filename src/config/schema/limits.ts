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
  },
  { description: "What one request may ask for." },
);
