import type { StoreConfig } from "../config/config.ts";

/** Returns a name that no other store has. It contains no secrets. */
export function nameStore(store: StoreConfig): string {
  if (store.kind === "sqlite") return `sqlite ${store.path}`;
  const { connection, keyPrefix } = store;
  const place =
    connection.kind === "single"
      ? new URL(connection.url).host
      : JSON.stringify(connection.kind === "sentinel" ? connection.sentinels : connection.nodes);
  return `redis ${place} ${keyPrefix}`;
}
