import type { RedisServer } from "../fixtures/redis-servers.ts";
import type { TcpProxy } from "./tcp-proxy.ts";

/** The store of a fault run. */
export interface StoreUnderTest extends AsyncDisposable {
  /** Name in the report. */
  readonly name: string;
  /** Value of `store:` in the gateway's configuration. */
  readonly section: string;
  /** The same for the second gateway, if it reaches the store in another way. */
  readonly peerSection?: string;
  /** The Redis servers that hold data. */
  readonly redis?: readonly RedisServer[];
  readonly sentinel?: { readonly name: string; readonly servers: readonly RedisServer[] };
  /** The link between gateway and store, if the scenario asked for one. */
  readonly link?: TcpProxy;
}

/** Creates an empty store for one run. Its files may go into the directory. */
export type OpenStore = (directory: string) => Promise<StoreUnderTest>;

export const openSqliteUnderTest: OpenStore = async () => ({
  name: "sqlite",
  section: "{ kind: sqlite, path: sip-pushd.db }",
  [Symbol.asyncDispose]: async () => undefined,
});

/** `isShared`: a part is reserved for calls and for other domains, as by default. */
export function openSqliteWithRoomFor(pushes: number, { isShared = true } = {}): OpenStore {
  const parts = isShared ? "" : ", messages_percent: 100, domain_percent: 100";
  return async () => ({
    name: "sqlite",
    section: `{ kind: sqlite, path: sip-pushd.db, max_pending: ${pushes}${parts} }`,
    [Symbol.asyncDispose]: async () => undefined,
  });
}
