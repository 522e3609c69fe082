import { describeProxy } from "../describe-proxy.ts";
import type { GcmApp } from "./provider.ts";

export function describeApp({ endpoint, proxy }: GcmApp): string[] {
  return [`GCM by server key at ${endpoint}${describeProxy(proxy)}`];
}
