import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { BUNDLE_ID, createConfigFixture, type ConfigFixture } from "../../test/fixtures/config-fixture.ts";
import { createRecordingEvents } from "../../test/fixtures/gateway-doubles.ts";
import { createVirtualTime, type VirtualTime } from "../../test/fixtures/clocks.ts";
import { createAlarms, type Alarms } from "../gateway/alarms.ts";
import { updateCredentialAlarms, type CredentialAlarms } from "./credential-alarms.ts";

const DAY_MS = 86_400_000;
const APP = { uid: BUNDLE_ID, topics: [[`${BUNDLE_ID}.voip`, "voip"]] } as const;
const TEXT = `
sslcertfile: tls.pem
sslcertkeyfile: tls-key.pem
apns: {certificate: soon.pem, key: soon-key.pem, extra_instances: [{type: callkit, certificate: later.pem, key: later-key.pem}]}
domains: [{domain: a.org, apns: {certificate: apns.pem, key: apns-key.pem}}]
`;

let fixture: ConfigFixture;
let time: VirtualTime;
let alarms: Alarms;
let events: ReturnType<typeof createRecordingEvents>;
let tending: CredentialAlarms;
const metrics = { setCredentialExpiries: () => undefined };

beforeAll(() => {
  fixture = createConfigFixture();
  fixture.files.certificate("soon", { ...APP, notAfter: "20270601000000Z" });
  fixture.files.certificate("later", { ...APP, notAfter: "20270701000000Z" });
});

afterAll(() => fixture[Symbol.dispose]());

beforeEach(() => {
  time = createVirtualTime(Date.UTC(2027, 4, 1));
  events = createRecordingEvents();
  alarms = createAlarms({ events, clock: time.clock });
  tending = updateCredentialAlarms({ config: load(TEXT), alarms, metrics, ...time });
});

afterEach(() => tending[Symbol.asyncDispose]());

const load = (text: string) => fixture.load(text, { now: time.clock() }).config;
const listed = () =>
  alarms
    .list()
    .map(({ kind, app, detail }) => `${kind} ${app}: ${detail.replaceAll(`${fixture.files.directory}/`, "")}`);

it("tells of a certificate that expires within 30 days, and which day that is", async () => {
  await time.advance(DAY_MS);
  expect(listed()).toEqual([]);

  await time.advance(3_600_000);

  expect(listed()).toEqual([
    "credential_expiry global/apns: The certificate in soon.pem expires on 2027-06-01. Put a new one in its place: it is taken up by itself.",
  ]);
});

it("has one alarm for an app with two certificates, and says when one has expired", async () => {
  await time.advance(32 * DAY_MS);

  expect(listed()).toEqual([
    expect.stringMatching(
      /^credential_expiry global\/apns: .*soon\.pem expired on 2027-06-01\..*later\.pem expires on/,
    ),
  ]);
  expect(events.log.alarmCleared).toEqual([]);
});

it("says so in the log once a day", async () => {
  await time.advance(2 * DAY_MS);
  expect(events.log.alarmRaised).toHaveLength(1);

  await time.advance(7 * DAY_MS);

  expect(events.log.alarmRaised).toHaveLength(8);
});

it("is quiet again when a new certificate is in force", async () => {
  await time.advance(2 * DAY_MS);

  tending.follow(load(TEXT.replaceAll("soon", "apns")));

  expect(listed()).toEqual([]);
});

it("has one alarm for each app with credentials that cannot be used, and ends it when they are mended", () => {
  const fault = (unit: string, app: string) => ({ unit, app, detail: `${unit} is broken.` });

  tending.noteFaults([fault("listener", "gateway"), fault("listen[0]", "gateway"), fault("a.org/apns", "a.org/apns")]);
  expect(listed()).toEqual([
    "credential_file gateway: listener is broken. listen[0] is broken.",
    "credential_file a.org/apns: a.org/apns is broken.",
  ]);

  tending.noteFaults([fault("listen[0]", "gateway")]);
  expect(listed()).toEqual(["credential_file gateway: listen[0] is broken."]);
});
