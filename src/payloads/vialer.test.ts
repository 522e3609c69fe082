import { expect, it } from "vitest";
import { aCall, aMessage, aPush } from "../../test/fixtures/builders.ts";
import { buildAppData } from "./standard.ts";
import { buildVialerData } from "./vialer.ts";

const CALL_URL = "https://push.example.org:45060/v1/calls/c-1?token=t";
const PATH = "/compat/vialer/example.org/api/call-response/";

it("tells Vialer of a call in the middleware's words, beside ours", () => {
  const data = { sender_name: "Karin", response_api: PATH };
  const push = aPush({ request: aCall({ callId: "c-1", data, callUrl: CALL_URL }), acceptedAt: 1_543_410_000_120 });

  expect(buildVialerData(push)).toEqual({
    ...buildAppData(push),
    type: "call",
    unique_key: "c-1",
    phonenumber: "+4315551234",
    caller_id: "Karin",
    response_api: `https://push.example.org:45060${PATH}`,
    message_start_time: "1543410000.120",
    attempt: "1",
  });
});

it("leaves no member out of a call, whatever the platform did not say", () => {
  const { caller: _caller, ...anonymous } = aCall();

  expect(buildVialerData(aPush({ id: "p-1", request: anonymous }))).toMatchObject({
    unique_key: "p-1",
    phonenumber: "",
    caller_id: "",
    response_api: "/api/call-response/",
  });
});

it("passes on a place to answer at that it cannot complete", () => {
  const request = aCall({ data: { response_api: "https://[" }, callUrl: CALL_URL });

  expect(buildVialerData(aPush({ request }))).toMatchObject({ response_api: "https://[" });
});

it("says of anything else what every app gets", () => {
  const push = aPush({ request: aMessage() });

  expect(buildVialerData(push)).toEqual(buildAppData(push));
});
