import { expect, it } from "vitest";
import { buildCallUuid } from "./uuids.ts";

it("is the UUIDv5 that other implementations make of the same Call-ID", () => {
  // python3 -c "import uuid; print(uuid.uuid5(uuid.UUID('6f0f7a3e-2a55-4d0c-9c1e-5f0c3b8f7d21'), 'a84b4c76e66710@pc33.example.com'))"
  expect(buildCallUuid("a84b4c76e66710@pc33.example.com")).toBe("9690b79b-1afc-55cf-923b-a1c028e076fe");
});
