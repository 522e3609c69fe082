import type { RedisServer } from "../support/redis-servers.ts";
import type { TcpProxy } from "./tcp-proxy.ts";

/** What a fault run keeps its pushes in. */
export interface StoreUnderTest extends AsyncDisposable {
  /** As in the report. */
  readonly name: string;
  /** The value of `store:` in the gateway's configuration. */
  readonly section: string;
  /** The same for the second gateway, where it reaches the store another way. */
  readonly peerSection?: string;
  /** Those that hold data, where the store is Redis. */
  readonly redis?: readonly RedisServer[];
  readonly sentinel?: { readonly name: string; readonly servers: readonly RedisServer[] };
  /** Between gateway and store, where the scenario asked for one. */
  readonly link?: TcpProxy;
}

/** Makes an empty store for one run; its files may go into the directory. */
export type OpenStore = (directory: string) => Promise<StoreUnderTest>;

export const openSqliteUnderTest: OpenStore = async () => ({
  name: "sqlite",
  section: "{ kind: sqlite, path: sip-pushd.db }",
  [Symbol.asyncDispose]: async () => undefined,
});

/** `isShared`: a part is kept for calls and for other domains, as it is by default. */
export function openSqliteWithRoomFor(pushes: number, { isShared = true } = {}): OpenStore {
  const parts = isShared ? "" : ", messages_percent: 100, domain_percent: 100";
  return async () => ({
    name: "sqlite",
    section: `{ kind: sqlite, path: sip-pushd.db, max_pending: ${pushes}${parts} }`,
    [Symbol.asyncDispose]: async () => undefined,
  });
}
