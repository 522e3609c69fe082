import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acceptNew, NO_RULES } from "../../../test/contracts/store-fixture.ts";
import { createCertificateChain, createCredentialFiles } from "../../../test/fixtures/credential-files.ts";
import { aMessage, anIphone } from "../../../test/fixtures/builders.ts";
import { findFreePort } from "../../../test/fixtures/http-tools.ts";
import {
  type RedisServer,
  redisOptions,
  startCluster,
  startRedis,
  startSentinel,
} from "../../../test/fixtures/redis-servers.ts";
import type { RedisConnection } from "./redis-options.ts";
import { openRedisStores, type RedisStores } from "./redis-stores.ts";

interface Setup extends AsyncDisposable {
  readonly servers: readonly RedisServer[];
  readonly connection: RedisConnection;
}

const SETUPS: Readonly<Record<string, () => Promise<Setup>>> = {
  "a single Redis": async () => {
    const server = await startRedis();
    return {
      servers: [server],
      connection: { kind: "single", url: server.url },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
  "a master behind Sentinels": async () => {
    const { name, master, sentinels, ...setup } = await startSentinel();
    return {
      servers: [master],
      connection: { kind: "sentinel", name, sentinels },
      [Symbol.asyncDispose]: () => setup[Symbol.asyncDispose](),
    };
  },
  "a Cluster": async () => {
    const { masters, ...setup } = await startCluster();
    return {
      servers: masters,
      connection: { kind: "cluster", nodes: masters },
      [Symbol.asyncDispose]: () => setup[Symbol.asyncDispose](),
    };
  },
};

const USER = "gateway";

/** Accepts a push and waits for the notification of its end, which shows that both connections work. */
async function expectService({ pushes }: RedisStores): Promise<void> {
  const heard: string[] = [];
  using _watch = pushes.watchEnds((id) => void heard.push(id));
  await expect
    .poll(
      async () => {
        const { push } = await acceptNew(pushes, aMessage({ pushId: crypto.randomUUID() }));
        await pushes.awaitEnd(push.id);
        await pushes.cancel({ id: push.id });
        return heard.length;
      },
      { timeout: 15_000, interval: 200 },
    )
    .toBeGreaterThan(0);
}

describe.each(Object.entries(SETUPS))("the password of %s", (_name, start) => {
  let setup: Setup;
  beforeAll(async () => {
    setup = await start();
  });
  afterAll(() => setup[Symbol.asyncDispose]());

  const onAll = async (...command: [string, ...string[]]) => {
    for (const { admin } of setup.servers) await admin.call(...command);
  };
  const withPassword = (password: string): RedisConnection => ({ ...setup.connection, username: USER, password });

  it("changes under an open store, which goes on with the new one when its connections break", async () => {
    await onAll("ACL", "SETUSER", USER, "on", "resetpass", ">old", "~*", "&*", "+@all");
    await using stores = await openRedisStores(redisOptions(withPassword("old"), { commandTimeoutMs: 1_000 }));
    await stores.devices.register(anIphone(), NO_RULES);
    await expectService(stores);

    await onAll("ACL", "SETUSER", USER, ">new");
    await stores.renewLogin(withPassword("new"));
    await onAll("ACL", "SETUSER", USER, "<old");
    await onAll("CLIENT", "KILL", "USER", USER);

    await expectService(stores);
    const opening = openRedisStores(redisOptions(withPassword("old")));
    await expect(opening).rejects.toMatchObject({ name: "RedisStoreError" });
  });

  it("is refused by Redis if it is wrong, and the store goes on with what it has", async () => {
    await onAll("ACL", "SETUSER", USER, "on", "resetpass", ">right", "~*", "&*", "+@all");
    await using stores = await openRedisStores(redisOptions(withPassword("right")));
    await stores.devices.register(anIphone(), NO_RULES);

    await expectService(stores);

    await expect(stores.renewLogin(withPassword("wrong"))).rejects.toMatchObject({ code: "access_denied" });

    await expectService(stores);
  });
});

describe("a client certificate", () => {
  it("is shown to Redis, and a new one is when the connections break", async () => {
    using files = createCredentialFiles();
    const [first, second] = [createCertificateChain(files, "first"), createCertificateChain(files, "second")];
    const bundle = (chain: typeof first, name: string, usage: "serverAuth" | "clientAuth" = "clientAuth") => {
      const { certificate, key } = chain.issue(name, { names: "IP:127.0.0.1", usage });
      return { cert: certificate + chain.intermediate, key, ca: first.root };
    };
    const ofServer = bundle(first, "server", "serverAuth");
    const port = await findFreePort();
    await using server = await startRedis({
      "tls-port": port,
      "tls-cert-file": files.write("redis.pem", ofServer.cert),
      "tls-key-file": files.write("redis-key.pem", ofServer.key),
      "tls-ca-cert-file": files.write("trusted.pem", first.root),
      "tls-auth-clients": "yes",
    });
    const connect = (tls: object): RedisConnection => ({ kind: "single", url: `rediss://127.0.0.1:${port}`, tls });
    const [old, renewed] = [bundle(first, "client"), bundle(second, "renewed")];
    await expect(openRedisStores(redisOptions(connect({ ca: first.root })))).rejects.toMatchObject({
      name: "RedisStoreError",
    });
    await using stores = await openRedisStores(redisOptions(connect(old)));
    await stores.devices.register(anIphone(), NO_RULES);
    await expectService(stores);

    await stores.renewLogin(connect(renewed));
    await server.admin.config("SET", "tls-ca-cert-file", files.write("trusted-later.pem", second.root));
    await server.admin.call("CLIENT", "KILL", "TYPE", "pubsub");
    await server.admin.call("CLIENT", "KILL", "LADDR", `127.0.0.1:${port}`);

    await expectService(stores);
    await expect(openRedisStores(redisOptions(connect(old)))).rejects.toMatchObject({ name: "RedisStoreError" });
  });
});
