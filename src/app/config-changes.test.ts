import { expect, it } from "vitest";
import { createRecordingEvents } from "../../test/fixtures/gateway-doubles.ts";
import type { Config, StoreConfig } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { followConfig } from "./config-changes.ts";

const nothing = () => undefined;
const read = (text: string): Config =>
  loadConfig({
    file: "config.yml",
    text: `listen: [{port: 1}]\n${text}`,
    env: { STATE_DIRECTORY: import.meta.dirname },
  }).config;

function follow(config: Config) {
  const events = createRecordingEvents();
  const logins: unknown[] = [];
  const renewLogin = async ({ kind, ...store }: StoreConfig): Promise<void> => {
    logins.push("connection" in store ? [store.connection.username, store.connection.password] : kind);
    if (logins.length > 1) throw new Error("refused");
  };
  const changes = followConfig({
    config,
    events,
    settings: { replace: nothing },
    listeners: { renewCertificates: nothing },
    credentials: { follow: nothing, noteFaults: nothing },
    stores: { renewLogin },
  });
  return { events, changes, logins };
}

it("says what needs a new start, of a reload compared with the start", () => {
  const { events, changes } = follow(read(""));

  changes.reload(read("log: {level: debug}"));
  changes.reload(read("log: {level: debug}"));

  expect(events.log.configReloaded).toEqual([[["log.level"]], [["log.level"]]]);
});

it("says it of renewed credentials once, when they are", () => {
  const redis = (shards: number) =>
    read(`store: {kind: redis, redis: {shards: ${shards}, sentinel: {name: m, nodes: ['127.0.0.1:1']}}}`);
  const { events, changes, logins } = follow(redis(4));

  changes.renewCredentials(redis(8), ["/etc/password"], ["Look."]);
  changes.renewCredentials(redis(8), ["/etc/tls.pem"], []);

  expect(events.log.credentialsRenewed).toEqual([
    [["/etc/password"], ["Look.", "store needs a new start of the gateway."]],
    [["/etc/tls.pem"], []],
  ]);
  expect(logins).toEqual([]);
});

it.each(["url: 'redis://127.0.0.1:1'", "sentinel: {name: m, nodes: ['127.0.0.1:1']}", "cluster: ['127.0.0.1:1']"])(
  "takes up a new password of the store without a new start, and says where the store refuses it (%s)",
  async (where) => {
    const redis = (password: string) =>
      read(`store: {kind: redis, redis: {username: gateway, password: ${password}, ${where}}}`);
    const { events, changes, logins } = follow(redis("old"));

    changes.renewCredentials(redis("new"), ["/etc/password"], []);
    changes.renewCredentials(redis("new"), ["/etc/tls.pem"], []);
    changes.reload(redis("newer"));
    await Promise.resolve();

    expect(logins).toEqual([
      ["gateway", "new"],
      ["gateway", "newer"],
    ]);
    expect(events.log.credentialsRenewed).toEqual([
      [["/etc/password"], []],
      [["/etc/tls.pem"], []],
    ]);
    expect(events.log.configReloaded).toEqual([[[]]]);
    expect(events.log.storeFailed).toEqual([["take up the store's new login", new Error("refused")]]);
  },
);
