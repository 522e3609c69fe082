import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ANDROID_TOKEN } from "../../test/fixtures/builders.ts";
import type { RelayedRegister } from "../gateway/contact-reading.ts";
import { readContacts } from "./contact.ts";

const CONTACTS = JSON.parse(
  readFileSync(new URL("../../test/captures/contact/contacts.json", import.meta.url), "utf8"),
) as Readonly<Record<string, RelayedRegister>>;

const VOIP = "39f161b205281f890715e625a7093d90af2fa281a7fcda82a7267f93d4b73df1";
const OTHER = "a652aee84bdec6c2859eec89a6e5b1a42c400fba43070f404148f27b502610b6";

/** Returns the phone of a header with one contact. */
function phoneOf(contact: string, rest: Omit<RelayedRegister, "contact"> = {}) {
  const [reading] = readContacts({ contact, ...rest });
  return reading?.kind === "phone" ? reading.phone : reading;
}
const wakes = (parameters: string) => phoneOf(`<sip:alice@192.0.2.1;${parameters}>`);
const unreadable = (reason: RegExp) => ({ kind: "unreadable", reason: expect.stringMatching(reason) });

describe("the Contact of", () => {
  const ENDS: Readonly<Record<string, unknown>> = {
    "rfc8599-voip": {
      phone: {
        provider: "apns",
        tokens: { voip: "00fc13adff78512d9f2a8b7c4e5d60718293a4b5c6d7e8f900112233445566aa" },
        environment: "production",
        app: "com.example.yourexampleapp",
      },
      binding: {
        uri: "sip:alice@192.0.2.10:5060",
        deviceId: expect.stringMatching(/^token-[0-9a-f]{16}$/),
        expires: 3600,
        name: "Example/1.0",
      },
    },
    "linphone-ios-5": {
      phone: {
        provider: "apns",
        tokens: { remote: VOIP, voip: OTHER },
        environment: "sandbox",
        app: "org.linphone.phone",
      },
      binding: {
        uri: "sip:alice@[2001:db8::9]:41404;transport=tls",
        deviceId: "urn:uuid:7e6b8c1a-2f5d-00b3-9c1d-1f0e6a7b2c3d",
        expires: 2_678_400,
        name: "LinphoneiOS/5.2.4 (iPhone de Alice) LinphoneSDK/5.3.80",
      },
    },
    "linphone-android-5": {
      phone: {
        provider: "fcm",
        tokens: { registration: expect.stringMatching(/^cUNaHkG98QM:APA91b/) },
        environment: "production",
      },
      binding: { deviceId: "urn:uuid:f0dec3ea-bd4c-00ee-b5c2-ce5d8ba4b5b0", expires: 604_800 },
    },
    "linphone-ios-3-legacy": {
      phone: { provider: "apns", tokens: { voip: VOIP }, environment: "sandbox", app: "org.linphone.phone" },
    },
    "linphone-android-2-google": {
      phone: {
        provider: "fcm",
        tokens: { registration: "APA91bFkqQ2m1uI3bYdM0xJp1nT7rC9vQ5wE8sLz" },
        app: "622464153529",
      },
    },
    "freeswitch-mod-apn-ios": {
      phone: { provider: "apns", tokens: { voip: VOIP }, environment: "production", app: "com.carusto.mobile.app" },
      binding: { deviceId: "urn:uuid:00000000-0000-0000-0000-0000d2b7e3b3", regId: 1, expires: 600 },
    },
    "freeswitch-mod-apn-android": {
      phone: { provider: "fcm", tokens: { registration: expect.stringMatching(/^dQw4w9WgXcQ:APA91b/) } },
    },
    "kazoo-header-parameters": {
      phone: { provider: "apns", tokens: { remote: VOIP }, app: "com.app.mymobileapp" },
      binding: { uri: "sip:user_1234567@192.168.1.1:61767;transport=TCP;ob", regId: 1 },
    },
    "sylk-ios": {
      phone: {
        provider: "apns",
        tokens: { voip: VOIP, remote: OTHER },
        environment: "sandbox",
        app: "com.agprojects.sylk-ios",
      },
      binding: { deviceId: "accc8375125582aae062353" },
    },
    "mizu-android": {
      phone: {
        provider: "fcm",
        tokens: { registration: expect.stringMatching(/^fZ3kq9Xr7Tw:APA91b/) },
        app: "com.telebroad.teleconsole",
      },
    },
    "portsip-android": {
      phone: { provider: "fcm", app: "com.portsip.sipsample" },
      binding: { deviceId: "urn:uuid:9d3c5f0e-1c2b-4a59-8d77-0a1b2c3d4e5f" },
    },
    "portsip-ios": {
      phone: { provider: "apns", tokens: { voip: VOIP, remote: OTHER }, app: "com.portsip.portgo" },
    },
    "opensips-contact-refresh-event": {
      phone: { provider: "fcm", tokens: { registration: expect.stringMatching(/^fZ3kq9Xr7Tw:APA91b/) } },
      binding: { uri: "sip:bob@203.0.113.9:35060;transport=tcp" },
    },
    "desk-phone": {
      kind: "without_push",
      binding: { deviceId: "urn:uuid:00000000-0000-1000-8000-000413261a2b", name: "snomD785/10.1.64.14" },
    },
  };

  it.each(Object.entries(CONTACTS))("%s is understood", (name, register) => {
    const kind = name === "desk-phone" ? "without_push" : "phone";

    expect(readContacts(register)).toMatchObject([{ kind, ...(ENDS[name] as object) }]);
  });

  it("covers every sample", () => {
    expect(Object.keys(ENDS)).toEqual(Object.keys(CONTACTS));
  });
});

describe("RFC 8599 parameters", () => {
  const prid = `pn-prid=${VOIP}`;

  it.each([
    ["apns", "TEAM123456.org.example.app.voip", { app: "org.example.app", tokens: { voip: VOIP } }],
    ["apns", "TEAM123456.org.example.app.remote", { app: "org.example.app", tokens: { remote: VOIP } }],
    ["apns", "TEAM123456.org.example.app", { app: "org.example.app", tokens: { remote: VOIP } }],
    ["apns", "org.example.app.voip", { app: "org.example.app", tokens: { voip: VOIP } }],
    ["APNS.DEV", "TEAM123456.org.example.app", { environment: "sandbox" }],
    ["apns.voip", "TEAM123456.org.example.app", { tokens: { voip: VOIP } }],
    ["apple", "TEAM123456.org.example.app", { provider: "apns" }],
    ["firebase", "my-project", { provider: "fcm", tokens: { registration: VOIP } }],
    ["android", "my-project", { provider: "fcm" }],
  ])("of %s with %s lead to %j", (provider, param, phone) => {
    expect(wakes(`pn-provider=${provider};pn-param=${param};${prid}`)).toMatchObject(phone);
  });

  it("are found whatever their case, their order and their folding", () => {
    const contact = `<sip:alice@192.0.2.1;PN-PRID=${VOIP.toUpperCase()};\r\n\tPn-Param=TEAM123456.org.example.app.VOIP ;\r\n pn-provider=Apns>`;

    expect(phoneOf(contact)).toMatchObject({ app: "org.example.app", tokens: { voip: VOIP } });
  });

  it("may be percent-encoded, names and all", () => {
    expect(wakes("%70n-provider=fcm;pn-prid=fZ3kq9Xr7Tw%3AAPA91b%2Dtoken")).toMatchObject({
      tokens: { registration: "fZ3kq9Xr7Tw:APA91b-token" },
    });
  });

  it("let the word at a token decide, where it differs from the app's", () => {
    expect(wakes(`pn-provider=apns;pn-param=TEAM123456.org.example.app.voip;${prid}:remote`)).toMatchObject({
      tokens: { remote: VOIP },
    });
  });

  it("carry the reference for requests inside a dialog", () => {
    const [reading] = readContacts({
      contact: `<sip:a@b.example;pn-provider=apns;pn-param=T.a.b;${prid};pn-purr=x%2Fy>`,
    });

    expect(reading).toMatchObject({ kind: "phone", binding: { purr: "x/y" } });
  });

  it("say whether the phone registers again by itself", () => {
    const uri = `<sip:alice@192.0.2.1;pn-provider=fcm;pn-param=p;pn-prid=${encodeURIComponent(ANDROID_TOKEN)}>`;

    expect(readContacts({ contact: `${uri};+sip.pnsreg` })).toMatchObject([{ binding: { wakesItself: true } }]);
    expect(readContacts({ contact: uri })[0]).not.toHaveProperty("binding.wakesItself");
  });

  it("name an installation id where a token was, and say if it is an iPhone's", () => {
    const fid = "dQw4w9WgXcQ_dQw4w9WgXc";

    expect(wakes(`pn-provider=fcm;pn-param=p;pn-prid=${fid}`)).toMatchObject({ provider: "fcm", tokens: { fid } });
    expect(wakes(`pn-provider=fcm;pn-param=p;pn-prid=${fid};pn-platform=ios`)).toMatchObject({
      tokens: { ios_fid: fid },
    });
    expect(wakes(`pn-tok=${fid};pn-type=firebase;app-id=org.example`)).toMatchObject({ tokens: { fid } });
  });

  it("without a value ask what the proxy supports, and wake nobody", () => {
    expect(wakes("pn-provider")).toMatchObject({ kind: "without_push" });
  });

  it.each([
    ["pn-provider=webpush;pn-prid=https%3A%2F%2Fpush.example%2Fx", /"webpush" is not supported/],
    ["pn-provider=acme;pn-param=acme-param;pn-prid=ZTY4ZDJlMzODE1NmUgKi0K", /"acme" is not supported/],
    ["pn-provider=apns;pn-param=T.org.example", /pn-prid, the device token, is missing/],
    [`pn-provider=apns;pn-param=T.a.b.remote&voip;pn-prid=${VOIP}&${OTHER}`, /which token is for which service/],
    [`pn-provider=apns;pn-param=T.a.b;pn-prid=${VOIP}:watch`, /names the service "watch"/],
    [`pn-provider=apns;pn-param=T.a.b;pn-prid=${VOIP}:voip&${OTHER}:voip`, /two tokens for the service voip/],
    ["pn-provider=apns;pn-param=T.a.b;pn-prid=hello", /the remote token cannot be one of Apple's/],
    ["pn-provider=fcm;pn-param=p;pn-prid=x", /the registration token cannot be one of Google's/],
    [`pn-provider=apns;pn-param=T.a%20b;pn-prid=${VOIP}`, /the app id cannot be one/],
    [`pn-provider=apns;pn-param=T.a.b;pn-prid=${VOIP};pn-prid=${OTHER}`, /pn-prid comes twice/],
  ])("that say %s are unreadable, and say why", (parameters, reason) => {
    expect(wakes(parameters)).toMatchObject(unreadable(reason));
  });
});

describe("the older words", () => {
  it.each([
    [
      `app-id=org.linphone.phone.prod;pn-type=apple;pn-tok=${VOIP}`,
      { tokens: { remote: VOIP }, app: "org.linphone.phone" },
    ],
    [`app-id=a.b.voip;pn-type=1;pn-tok=${VOIP}`, { tokens: { voip: VOIP }, app: "a.b", environment: "production" }],
    [`app-id=a.b;pn-tok=${ANDROID_TOKEN}`, { provider: "fcm", tokens: { registration: ANDROID_TOKEN } }],
    [`pn-app=a.b;pn-type=ios;pn-tok=${VOIP}`, { tokens: { voip: VOIP }, app: "a.b" }],
    [`pn-app=a.b;pn-type=ios;pn-tok=${VOIP}#${OTHER}`, { tokens: { voip: VOIP, remote: OTHER } }],
    [`app-id=a.b;pn-voip-tok=${VOIP};pn-im-tok=${OTHER}`, { provider: "apns", tokens: { voip: VOIP, remote: OTHER } }],
    [`app-id=a.b;pn-im-tok=${ANDROID_TOKEN}`, { provider: "fcm", tokens: { registration: ANDROID_TOKEN } }],
  ])("%s are understood", (parameters, phone) => {
    expect(wakes(parameters)).toMatchObject(phone);
  });

  it.each([
    ["pn-type=wp;app-id=x;pn-tok=http%3A%2F%2Fwns", /"wp" \(pn-type\) is not supported/],
    ["pn-type=apple;app-id=a.b.prod;pn-tok=", /the remote token cannot be|the device token is missing/],
    ["pn-voip-tok=abc;pn-platform=windows", /pn-platform/],
  ])("%s are unreadable, and say why", (parameters, reason) => {
    expect(wakes(parameters)).toMatchObject(unreadable(reason));
  });

  const portsip = (value: string) => readContacts({ contact: "<sip:bob@b.example>", headers: { "X-P-Push": value } });

  it("take a token back where the app allows no push any more", () => {
    expect(
      portsip(`device-os=ios;device-uid=${VOIP};allow-call-push=false;allow-message-push=false;app-id=a.b`),
    ).toMatchObject([{ kind: "removed" }]);
  });

  it("keep a token from what the app does not allow", () => {
    expect(
      portsip(`device-os=ios;device-uid=${VOIP}|${OTHER};allow-call-push=false;allow-message-push=true;app-id=a.b`),
    ).toMatchObject([{ phone: { tokens: { remote: OTHER } } }]);
  });

  it("may say nothing yet", () => {
    expect(portsip("device-os=android")).toMatchObject([{ kind: "without_push" }]);
  });

  it("lose against the standard's", () => {
    const both = `pn-provider=fcm;pn-prid=${ANDROID_TOKEN};app-id=a.b;pn-type=apple;pn-tok=${VOIP}`;

    expect(wakes(both)).toMatchObject({ provider: "fcm" });
  });
});

describe("a Contact header", () => {
  const push = `pn-provider=fcm;pn-prid=${ANDROID_TOKEN}`;

  it("may hold several contacts, and quoted commas and brackets between them", () => {
    const contact = `"Doe, \\"J\\" <x>" <sip:a@b.example;${push}>;q=0.7;expires=60, <sip:c@d.example>;q=1, sip:e@f.example`;

    expect(readContacts({ contact })).toMatchObject([
      { kind: "phone", binding: { uri: "sip:a@b.example", q: 0.7, expires: 60 } },
      { kind: "without_push", binding: { uri: "sip:c@d.example", q: 1 } },
      { kind: "without_push", binding: { uri: "sip:e@f.example" } },
    ]);
  });

  it.each([
    [`<sip:a@b.example;${push}>;expires=0`, 3600],
    [`<sip:a@b.example;${push}>`, 0],
    [`<sip:a@b.example;pn-provider=webpush;pn-prid=x>;expires=0`, 3600],
  ])("%s with Expires: %i takes the phone away", (contact, expires) => {
    expect(readContacts({ contact, expires })).toMatchObject([
      { kind: "removed", binding: { uri: "sip:a@b.example" } },
    ]);
  });

  it("goes by its own expiry before the header's", () => {
    expect(readContacts({ contact: `<sip:a@b.example;${push}>;expires=60`, expires: 0 })).toMatchObject([
      { kind: "phone", binding: { expires: 60 } },
    ]);
  });

  it("of a star takes all phones away", () => {
    expect(readContacts({ contact: "*", expires: 0 })).toEqual([{ kind: "all_removed" }]);
  });

  it("may come with its name", () => {
    expect(readContacts({ contact: `Contact: <sip:a@b.example;${push}>` })).toMatchObject([{ kind: "phone" }]);
    expect(readContacts({ contact: `m:<sip:a@b.example>` })).toMatchObject([{ kind: "without_push" }]);
  });

  it("knows a user part with a semicolon from parameters", () => {
    expect(readContacts({ contact: `<sip:a;pn-tok=x@b.example;${push}?Subject=y;pn-prid=z>` })).toMatchObject([
      { kind: "phone", binding: { uri: "sip:a;pn-tok=x@b.example?Subject=y;pn-prid=z" } },
    ]);
  });

  it("names a phone by a digest where its instance is no name for us", () => {
    const contact = `<sip:a@b.example;${push}>;+sip.instance="<urn:gsma:imei:90420156-025763-0;vers=0>"`;

    expect(readContacts({ contact })).toMatchObject([
      { binding: { deviceId: expect.stringMatching(/^instance-[0-9a-f]{16}$/) } },
    ]);
  });

  it.each([
    ["", /is empty/],
    [`"open <sip:a@b.example>`, /is not closed/],
    ["<sip:a@b.example", /is not closed/],
    ["<mailto:a@b.example>", /not a SIP URI/],
    ["x".repeat(17_000), /longer than/],
    [Array.from({ length: 51 }, () => "<sip:a@b.example>").join(), /more than 50/],
  ])("of %.20j is unreadable, and says why", (contact, reason) => {
    expect(readContacts({ contact })).toMatchObject([unreadable(reason)]);
  });
});
