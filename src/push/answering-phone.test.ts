import { describe, expect, it } from "vitest";
import { ANDROID_TOKEN, anAndroid, anIphone, IPHONE_TOKENS } from "../../test/fixtures/builders.ts";
import type { CallRegistration } from "./call.ts";
import type { Device } from "./device.ts";
import { findAnsweringPhone, type AnsweringContact } from "./answering-phone.ts";

const INSTANCE = "urn:uuid:11111111-2222-4333-8444-555555555555";
const IPHONE = anIphone({
  binding: { instance: INSTANCE, until: 90_000 },
  contact: "sip:alice@192.0.2.7:5060;transport=tcp",
});
const PIXEL = anAndroid({ contact: "sip:alice@192.0.2.8:40001" });

function find(
  contact: Partial<AnsweringContact>,
  { devices = [IPHONE, PIXEL], registrations = [] }: { devices?: Device[]; registrations?: CallRegistration[] } = {},
) {
  const { deviceId, candidates } = findAnsweringPhone(
    { uri: "sip:alice@203.0.113.9", tokens: [], ...contact },
    registrations,
    devices,
  );
  return { deviceId, candidates: [...candidates] };
}

const ONLY_IPHONE = { deviceId: "iphone", candidates: ["iphone"] };

describe("the phone that answers is known by", () => {
  it.each<[string, Partial<AnsweringContact>]>([
    ["its token", { tokens: [IPHONE_TOKENS.voip] }],
    ["its instance, whatever the case", { instance: INSTANCE.toUpperCase() }],
    ["its public GRUU", { uri: `sip:alice@example.org;gr=${INSTANCE}` }],
    ["its public GRUU, escaped and quoted", { uri: `sip:alice@example.org;gr="${INSTANCE.replaceAll(":", "%3A")}"` }],
    ["the name of its device", { deviceId: "iphone" }],
    ["the address of its last registration", { uri: "sip:alice@192.0.2.7" }],
    ["that address with other parameters", { uri: "sip:alice@192.0.2.7:5060;transport=udp;ob" }],
  ])("%s", (_sign, contact) => {
    expect(find(contact)).toEqual(ONLY_IPHONE);
  });

  it("the address that it registered during the call, before any that was registered earlier", () => {
    const registrations = [{ at: 1, deviceId: "iphone", contact: "sip:alice@192.0.2.8:40001" }];

    expect(find({ uri: "sip:alice@192.0.2.8:40001" }, { registrations })).toEqual(ONLY_IPHONE);
  });

  it("its token rather than an instance that another device names", () => {
    expect(find({ tokens: [ANDROID_TOKEN], instance: INSTANCE })).toMatchObject({ deviceId: "pixel" });
  });
});

it("is none for certain if two phones have the same private address", () => {
  const devices = [IPHONE, { ...PIXEL, contact: "sip:alice@192.0.2.7:5060" }];

  expect(find({ uri: "sip:alice@192.0.2.7" }, { devices })).toEqual({ candidates: ["iphone", "pixel"] });
});

it("may be any phone whose address is not known, and no other, if nothing fits", () => {
  const { contact: _contact, ...silent } = PIXEL;
  const registrations = [{ at: 1, deviceId: "tablet", contact: "sip:alice@192.0.2.20" }];
  const devices = [IPHONE, silent, anIphone({ id: "tablet", tokens: { voip: "e5".repeat(32) } })];

  expect(find({}, { devices, registrations })).toEqual({ candidates: ["pixel"] });
});

it.each(["", "sip:", "tel:+4315551234", "nonsense", "sip:alice@192.0.2.7:5060;gr"])(
  "is not mistaken for another one by %o",
  (uri) => {
    const known = uri.includes("192.0.2.7");

    expect(find({ uri }).deviceId).toBe(known ? "iphone" : undefined);
  },
);
