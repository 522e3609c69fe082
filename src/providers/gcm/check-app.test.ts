import { expect, it } from "vitest";
import { checkApp } from "./check-app.ts";

function check(hasSubstitute: boolean, endpoint = "https://fcm.googleapis.com/fcm/send") {
  return checkApp({ endpoint }, { name: "global/gcm", hasSubstitute });
}

it("says that a legacy key is switched off, and what to do", async () => {
  expect(await check(false)).toMatchObject([
    { verdict: "failed", mend: expect.stringContaining("fcm.service_account") },
  ]);
  expect(await check(true)).toMatchObject([
    { verdict: "warning", mend: "Remove gcm.key: fcm.service_account is in use." },
  ]);
});

it("lets a server key be for a server of one's own", async () => {
  expect(await check(false, "https://push.example.org/gcm")).toMatchObject([{ verdict: "ok" }]);
});
