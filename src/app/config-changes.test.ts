import { expect, it } from "vitest";
import { createRecordingEvents } from "../../test/support/gateway-doubles.ts";
import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { followConfig } from "./config-changes.ts";

const nothing = () => undefined;
const read = (text: string): Config =>
  loadConfig({ file: "config.yml", text: `listen: [{port: 1}]\n${text}`, env: {} }).config;

function follow(config: Config) {
  const events = createRecordingEvents();
  const changes = followConfig({
    config,
    events,
    settings: { replace: nothing },
    listeners: { renewCertificates: nothing },
    credentials: { follow: nothing, noteFaults: nothing },
  });
  return { events, changes };
}

it("says what needs a new start, of a reload compared with the start", () => {
  const { events, changes } = follow(read(""));

  changes.reload(read("log: {level: debug}"));
  changes.reload(read("log: {level: debug}"));

  expect(events.log.configReloaded).toEqual([[["log.level"]], [["log.level"]]]);
});

it("says it of renewed credentials once, when they are", () => {
  const redis = (password: string) =>
    read(`store: {kind: redis, redis: {password: ${password}, sentinel: {name: m, nodes: ['127.0.0.1:1']}}}`);
  const { events, changes } = follow(redis("old"));

  changes.renewCredentials(redis("new"), ["/etc/password"], ["Look."]);
  changes.renewCredentials(redis("new"), ["/etc/tls.pem"], []);

  expect(events.log.credentialsRenewed).toEqual([
    [["/etc/password"], ["Look.", "store needs a new start of the gateway."]],
    [["/etc/tls.pem"], []],
  ]);
});
