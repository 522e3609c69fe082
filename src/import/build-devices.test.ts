import { describe, expect, it } from "vitest";
import { ALICE, ANDROID_TOKEN, IPHONE_TOKENS } from "../../test/fixtures/builders.ts";
import { buildDevices, type BuildDevicesOptions, type RegistrationRow } from "./build-devices.ts";

const { remote, voip } = IPHONE_TOKENS;
let lastId = 0;

function aRow(overrides: Partial<RegistrationRow>): RegistrationRow {
  lastId += 1;
  return {
    id: String(lastId),
    reg_id: remote,
    type: "apns",
    device_id: "phone",
    apns_type: "",
    timestamp: "2026-03-01 10:00:00",
    ...overrides,
  };
}

function build(rows: readonly RegistrationRow[], options: Partial<BuildDevicesOptions> = {}) {
  return buildDevices(ALICE, rows, { environment: "production", google: "fcm", ...options });
}

it("makes one device of an iPhone's two rows, as old as the newer of them", () => {
  const rows = [aRow({}), aRow({ reg_id: voip, apns_type: "callkit", timestamp: "2026-03-01 10:00:05" })];

  expect(build(rows)).toEqual({
    devices: [
      {
        subscriber: ALICE,
        id: "phone",
        provider: "apns",
        tokens: { remote, voip },
        environment: "production",
        registeredAt: Date.UTC(2026, 2, 1, 10, 0, 5),
      },
    ],
    refused: [],
  });
});

it.each(["fcm", "gcm"])("makes an Android device of a row of type %s, for the protocol that the domain has", (type) => {
  const row = aRow({ type, reg_id: ANDROID_TOKEN });

  expect(build([row]).devices).toMatchObject([{ provider: "fcm", tokens: { registration: ANDROID_TOKEN } }]);
  expect(build([row], { google: "gcm" }).devices).toMatchObject([{ provider: "gcm" }]);
});

it("keeps the phones of a subscriber apart, the oldest first", () => {
  const rows = [
    aRow({ device_id: "new", timestamp: "2026-05-01 00:00:00" }),
    aRow({ device_id: "old", reg_id: "c3".repeat(32), timestamp: "2024-05-01 00:00:00" }),
  ];

  expect(build(rows).devices.map(({ id }) => id)).toEqual(["old", "new"]);
});

it("takes the newest where one device has two tokens of a kind, and says so", () => {
  const older = aRow({ reg_id: "c3".repeat(32), timestamp: "2025-01-01 00:00:00" });

  const { devices, refused } = build([older, aRow({})]);

  expect(devices).toMatchObject([{ tokens: { remote } }]);
  expect(refused).toEqual([{ id: older.id, reason: "older_token" }]);
});

describe("rows without a device id", () => {
  const [one, other] = [aRow({ device_id: null }), aRow({ device_id: "", reg_id: voip, apns_type: "callkit" })];

  it("are one iPhone where there is one of each kind: else it would be called twice", () => {
    expect(build([one, other]).devices).toMatchObject([{ id: "ngcp-iphone", tokens: { remote, voip } }]);
  });

  it("are devices of their own where nobody can tell, under the same name at each import", () => {
    const third = aRow({ device_id: null, reg_id: "c3".repeat(32) });

    const { devices } = build([one, other, third]);

    expect(devices).toHaveLength(3);
    expect(
      build([third, other, one])
        .devices.map(({ id }) => id)
        .toSorted(),
    ).toEqual(devices.map(({ id }) => id).toSorted());
  });
});

it("gives a device a name that the API can take where NGCP's is none", () => {
  const [device] = build([aRow({ device_id: "Alice's phone / 1" })]).devices;

  expect(device?.id).toMatch(/^ngcp-[0-9a-f]{16}$/);
});

it("reads an Apple token as NSData prints it, and in capitals", () => {
  const printed = `<${remote
    .toUpperCase()
    .replaceAll(/(.{8})/g, "$1 ")
    .trim()}>`;

  expect(build([aRow({ reg_id: printed })]).devices).toMatchObject([{ tokens: { remote } }]);
});

it("takes a row without a date for older than everything", () => {
  expect(build([aRow({ timestamp: "0000-00-00 00:00:00" })]).devices).toMatchObject([{ registeredAt: 0 }]);
});

it.each([
  ["unknown_type", { type: "wns" }],
  ["unknown_type", { type: null }],
  ["unknown_apns_type", { apns_type: "watch" }],
  ["bad_token", { reg_id: "not hex" }],
  ["bad_token", { reg_id: null }],
  ["bad_token", { type: "fcm", reg_id: "with blanks in it" }],
] as const)("leaves a row out as %s: %j", (reason, overrides) => {
  const row = aRow(overrides);

  expect(build([row, aRow({ device_id: "good", reg_id: voip, apns_type: "callkit" })])).toMatchObject({
    devices: [{ id: "good" }],
    refused: [{ id: row.id, reason }],
  });
});

it("knows an installation id by its form", () => {
  const fid = "dQw4w9WgXcQ_dQw4w9WgXc";
  const row = aRow({ type: "fcm", reg_id: fid });

  expect(build([row]).devices).toMatchObject([{ provider: "fcm", tokens: { fid } }]);
  expect(build([row], { google: "gcm" }).devices).toMatchObject([{ provider: "gcm", tokens: { registration: fid } }]);
});
