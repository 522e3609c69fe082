import { expect, it } from "vitest";
import { aMessage, aPush } from "../../test/fixtures/builders.ts";
import { readKept } from "./kept-content.ts";

it("keeps nothing of what a delivered push said, in whichever field", () => {
  const request = aMessage({
    data: { secret: '"SECRET"' },
    structured: ["secret"],
    content: { title: "SECRET", body: "SECRET" },
    aps: { alert: "SECRET" },
    raw: { apns: { aps: { alert: "SECRET" } }, fcm: { notification: { title: "SECRET" } } },
  });

  const kept = readKept(aPush({ request }), "delivered", Date.now());

  expect(JSON.stringify(kept)).not.toMatch(/secret/i);
});
