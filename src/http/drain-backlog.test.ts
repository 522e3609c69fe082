import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { shrinkBacklog } from "./drain-backlog.ts";

const CLIENTS = 20;
/** Opens connections all at once, and prints how many of them the kernel has accepted after a while. */
const CLIENT = `
  const { connect } = require("node:net");
  let open = 0;
  for (let i = 0; i < ${CLIENTS}; i += 1) connect(Number(process.argv[1]), "127.0.0.1", () => (open += 1)).on("error", () => 0);
  setTimeout(() => { console.log(open); process.exit(0); }, 400);
`;

/** Blocks this process until the client has ended, so that it accepts no connection. */
function countWaiting(server: Server): number {
  const { port } = server.address() as AddressInfo;
  return Number(spawnSync(process.execPath, ["-e", CLIENT, String(port)], { encoding: "utf8" }).stdout);
}

it("leaves hardly any room for connections to wait in, so that closing the listener resets none", async () => {
  await using server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");

  const before = countWaiting(server);
  await new Promise(setImmediate);
  shrinkBacklog(server);
  const after = countWaiting(server);

  expect(before).toBe(CLIENTS);
  expect(after).toBeLessThan(CLIENTS / 4);
});
