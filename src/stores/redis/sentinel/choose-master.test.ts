import { describe, expect, it } from "vitest";
import { chooseMaster, type SentinelView } from "./choose-master.ts";

const OLD = { host: "10.0.0.1", port: 6379 };
const NEW = { host: "10.0.0.2", port: 6379 };

const view = (address: SentinelView["address"], configEpoch: number, failoverState?: string): SentinelView =>
  failoverState === undefined ? { address, configEpoch } : { address, configEpoch, failoverState };

describe("the master to use", () => {
  it.each<[string, SentinelView[], ReturnType<typeof chooseMaster>]>([
    ["the one that all name", [view(OLD, 0), view(OLD, 0)], { kind: "master", address: OLD }],
    ["none where no Sentinel has answered", [], { kind: "unknown" }],
    [
      "the new one, though only the leader knows it",
      [view(OLD, 3), view(OLD, 3), view(NEW, 4)],
      { kind: "master", address: NEW },
    ],
    [
      "the new one, though the first Sentinel lags behind",
      [view(OLD, 0), view(NEW, 1)],
      { kind: "master", address: NEW },
    ],
    ["none while the leader picks a replica", [view(OLD, 3), view(OLD, 3, "select_slave")], { kind: "changing" }],
    ["none while the replica is told", [view(OLD, 3, "send_slaveof_noone"), view(OLD, 3)], { kind: "changing" }],
    ["none until the replica is the master", [view(OLD, 3), view(OLD, 3, "wait_promotion")], { kind: "changing" }],
    [
      "the old one while Sentinels only vote",
      [view(OLD, 3, "wait_start"), view(OLD, 3)],
      { kind: "master", address: OLD },
    ],
    [
      "the new one while the other replicas follow it",
      [view(NEW, 4, "reconf_slaves")],
      { kind: "master", address: NEW },
    ],
    [
      "the new one, whatever one that lags behind tries",
      [view(OLD, 3, "select_slave"), view(NEW, 4)],
      { kind: "master", address: NEW },
    ],
  ])("%s", (_what, views, chosen) => {
    expect(chooseMaster(views)).toEqual(chosen);
  });
});
