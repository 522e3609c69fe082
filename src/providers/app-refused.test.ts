import { expect, it } from "vitest";
import { isAppRefused } from "./app-refused.ts";
import { APNS_TABLE } from "./apns/outcome-table.ts";
import { FCM_TABLE } from "./fcm/outcome-table.ts";
import { GCM_TABLE } from "./gcm/outcome-table.ts";
import { STATUS_ROWS, type OutcomeRow } from "./outcome-row.ts";

const WORDS = [APNS_TABLE, FCM_TABLE, GCM_TABLE].flatMap((table) => Object.entries<OutcomeRow>(table));
const STATUSES = Object.entries<OutcomeRow>(STATUS_ROWS).flatMap(([status, row]): [string, OutcomeRow][] =>
  /^\d+$/.test(status) ? [[`HTTP ${status}`, row]] : [],
);

it.each([...WORDS, ...STATUSES])("knows whether %s refuses the app, as the outcome tables do", (reason, row) => {
  expect(isAppRefused(reason)).toBe(row.kind === "misconfigured" && row.scope === undefined);
});

it("knows the gateway's own word for a service account that cannot sign in", () => {
  expect(isAppRefused("bad_service_account")).toBe(true);
});
