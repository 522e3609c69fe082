import { describe, expect, it } from "vitest";
import { createTlsMaterial } from "../../test/fixtures/http-fixture.ts";
import { readWaitMs } from "./prefer.ts";
import { createNodeServer } from "./node-server.ts";

describe("createNodeServer", () => {
  it.each([
    ["plain", undefined],
    ["TLS", createTlsMaterial()],
  ])("sets every limit on a %s server", (_name, tls) => {
    const server = createNodeServer(tls);

    expect(server).toMatchObject({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      timeout: 150_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
      maxConnections: 8_192,
      insecureHTTPParser: false,
      // The server itself refuses such a request with a problem document.
      requireHostHeader: false,
    });
    expect(server.keepAliveTimeout).toBeGreaterThanOrEqual(72_000);
    expect(server.timeout).toBeGreaterThan(server.keepAliveTimeout);
    // The longest possible wait for an answer must not be cut off.
    expect(server.timeout).toBeGreaterThan(readWaitMs("wait=100000") ?? Infinity);
  });
});
