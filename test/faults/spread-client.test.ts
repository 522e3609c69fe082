import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { createPushClient } from "./push-client.ts";
import { createSpreadClient } from "./spread-client.ts";

async function startGatewayNamed(name: string): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(request.method === "POST" ? 202 : 200).end(JSON.stringify({ id: name }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function clientOf(server: Server) {
  return createPushClient({ port: (server.address() as AddressInfo).port, connections: 2 });
}

it("hands pushes to the gateways in turn, and asks another one where the first is gone", async () => {
  const one = await startGatewayNamed("one");
  await using two = await startGatewayNamed("two");
  using client = createSpreadClient([clientOf(one), clientOf(two)]);

  const answers = [await client.post({}), await client.post({})];
  expect(new Set(answers.map((answer) => answer.kind === "answered" && answer.id))).toEqual(new Set(["one", "two"]));
  expect(await client.get("/")).toContain("one");

  one.closeAllConnections();
  await one[Symbol.asyncDispose]();
  expect(await client.get("/")).toContain("two");
  const later = [await client.post({}), await client.post({})];
  expect(new Set(later.map(({ kind }) => kind))).toEqual(new Set(["answered", "not-sent"]));
});
