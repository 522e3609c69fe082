import { describe, expect, it } from "vitest";
import { ANDROID_TOKEN } from "../../test/fixtures/builders.ts";
import { readContacts } from "./contact.ts";

const VOIP = "a1".repeat(32);
const OTHER = "b2".repeat(32);
const push = `pn-provider=fcm;pn-prid=${ANDROID_TOKEN}`;

/** Returns the reading of a contact with these parameters: its phone, if there is one. */
function wakes(parameters: string): unknown {
  const [reading] = readContacts({ contact: `<sip:alice@192.0.2.1;${parameters}>` });
  return reading?.kind === "phone" ? reading.phone : reading;
}

describe("a contact as phones really send it", () => {
  it.each([
    [
      `sip:a@b.example:7000;transport=udp;${push};+sip.instance="urn:uuid:AB";+org.linphone.specs="x/1.1,y;z"`,
      "sip:a@b.example:7000;transport=udp",
    ],
    [
      `<sip:a@b.example^3Btransport=udp^3B${push.replaceAll(";", "^3B")}>^3B+sip.instance="<urn:uuid:ab>"`,
      "sip:a@b.example;transport=udp",
    ],
    [`Bob <3 <sip:a@b.example;${push}>;+sip.instance="<urn:uuid:ab>"`, "sip:a@b.example"],
    [`"<sip:x@y.example>" <sip:a@b.example;${push}>;+sip.instance="<urn:uuid:ab>"`, "sip:a@b.example"],
  ])("%s is read as the phone that it is", (contact, uri) => {
    expect(readContacts({ contact })).toMatchObject([
      { kind: "phone", binding: { uri, deviceId: "urn:uuid:ab" }, phone: { tokens: { registration: ANDROID_TOKEN } } },
    ]);
  });

  it.each([
    [`pn-param=T.a.b.voip&remote;pn-prid=${VOIP}:voip&${OTHER}`, { voip: VOIP, remote: OTHER }],
    [`pn-param=T.a.b.voip&remote;pn-prid=${OTHER}&${VOIP}:voip&`, { voip: VOIP, remote: OTHER }],
    [`pn-param=T.a.b.voip&remote;pn-prid=${OTHER}:remote:&${VOIP}:`, { voip: VOIP, remote: OTHER }],
    [`pn-param=T.a.b.voip&;pn-prid=${VOIP}&`, { voip: VOIP }],
    [`pn-param=T.a.b.voip;pn-prid=${VOIP}:`, { voip: VOIP }],
  ])("with %s has a token for each service", (parameters, tokens) => {
    expect(wakes(`pn-provider=apns;${parameters}`)).toMatchObject({ app: "a.b", tokens });
  });

  it("may have a separator behind Google's token", () => {
    expect(wakes(`${push}:`)).toMatchObject({ tokens: { registration: ANDROID_TOKEN } });
    expect(wakes(`${push}&`)).toMatchObject({ tokens: { registration: ANDROID_TOKEN } });
  });

  it("whose push cannot be served still says where the phone is", () => {
    expect(readContacts({ contact: "<sip:a@b.example;pn-provider=acme;pn-prid=x>" })).toMatchObject([
      { kind: "unreadable", trouble: "unknown_provider", binding: { uri: "sip:a@b.example" } },
    ]);
  });
});
