import { renameSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { IPHONE_TOKENS } from "../fixtures/builders.ts";
import { callApi, startRunningGateway } from "../fixtures/gateway-processes.ts";

const DEVICE = "/v1/subscribers/alice%40example.org/devices/iphone";
const CALL = { kind: "call", callee: "alice@example.org" };

it("a gateway whose database file is gone says so, refuses pushes, and goes on when it is back", async () => {
  await using running = await startRunningGateway();
  const file = join(running.directory, "sip-pushd.db");
  await callApi(running, "PUT", DEVICE, { provider: "apns", tokens: IPHONE_TOKENS });
  renameSync(file, `${file}.moved`);

  const ready = await callApi(running, "GET", "/readyz");
  const refused = await callApi(running, "POST", "/v1/pushes", CALL);

  const words = expect.stringContaining("sip-pushd.db is gone");
  expect(ready).toMatchObject({ status: 503, body: { checks: { store: words } } });
  expect(refused).toMatchObject({ status: 503, body: { code: "store_unavailable" } });
  expect(running.logLines).toContainEqual(expect.objectContaining({ alarm: "store_lost_data", app: "gateway" }));

  renameSync(`${file}.moved`, file);

  expect(await callApi(running, "GET", "/readyz")).toMatchObject({ status: 200 });
  expect(await callApi(running, "POST", "/v1/pushes", CALL)).toMatchObject({ status: 202 });
});
