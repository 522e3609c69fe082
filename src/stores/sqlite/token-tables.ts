import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../gateway/clock.ts";
import type { Aor } from "../../push/address.ts";
import type { ProviderName, TokenKind } from "../../push/device.ts";
import { prepare } from "./statement.ts";

/**
 * A device that has a token: the last to register it first, then those that share it. A device that uses it for two
 * kinds has two rows.
 */
export interface OwnerRow {
  readonly subscriber: Aor;
  readonly device_id: string;
  readonly kind: TokenKind;
  readonly registered_at: number;
  /** 0 if the time for which it was shared is over. */
  readonly is_alive: 0 | 1;
}

type DeviceRef = Pick<OwnerRow, "subscriber" | "device_id">;

/** Tokens of devices. One table has the last device that registered each token, another those that share it. */
export interface TokenTables {
  ownersOf(provider: ProviderName, token: string): readonly OwnerRow[];
  hasTokens(subscriber: Aor, deviceId: string): boolean;
  putToken(provider: ProviderName, token: string, kind: TokenKind, subscriber: Aor, id: string, at: number): void;
  /** Removes the token from that device only. */
  removeToken(provider: ProviderName, token: string, owner: DeviceRef): void;
  removeTokensOf(subscriber: Aor, deviceId: string): void;
  /** Replaces the old token by the new one for all devices that share it. */
  replaceShared(provider: ProviderName, oldToken: string, newToken: string, at: number): void;
  /** Gives the device a token that another one owns, until that time. */
  putShared(provider: ProviderName, token: string, kind: TokenKind, owner: DeviceRef, at: number, until: number): void;
  /**
   * Lets the device keep the token beside the one that registers it now, until that time, or without limit if
   * undefined.
   */
  shareToken(provider: ProviderName, token: string, owner: DeviceRef, until: number | undefined): void;
}

export function createTokenTables(db: DatabaseSync, clock: Clock): TokenTables {
  const owners = prepare<OwnerRow>(
    db,
    `SELECT subscriber, device_id, kind, registered_at, 1 AS is_alive FROM tokens WHERE provider = ?1 AND token = ?2
     UNION ALL SELECT * FROM (
       SELECT subscriber, device_id, kind, registered_at, until IS NULL OR until > ?3 AS is_alive
       FROM shared_tokens WHERE provider = ?1 AND token = ?2 ORDER BY registered_at DESC
     )`,
  );
  const anyToken = prepare<object>(
    db,
    `SELECT 1 FROM tokens WHERE subscriber = ?1 AND device_id = ?2
     UNION ALL SELECT 1 FROM shared_tokens WHERE subscriber = ?1 AND device_id = ?2 LIMIT 1`,
  );
  const insertToken = prepare(
    db,
    "INSERT INTO tokens (provider, token, kind, subscriber, device_id, registered_at) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const deleteToken = ["tokens", "shared_tokens"].map((table) =>
    prepare(db, `DELETE FROM ${table} WHERE provider = ? AND token = ? AND subscriber = ? AND device_id = ?`),
  );
  const deleteTokensOf = ["tokens", "shared_tokens"].map((table) =>
    prepare(db, `DELETE FROM ${table} WHERE subscriber = ? AND device_id = ?`),
  );
  return {
    ownersOf: (provider, token) => owners.all(provider, token, clock()),
    hasTokens: (subscriber, deviceId) => anyToken.get(subscriber, deviceId) !== undefined,
    putToken(provider, token, kind, subscriber, id, at) {
      insertToken.run(provider, token, kind, subscriber, id, at);
    },
    removeToken(provider, token, { subscriber, device_id: id }) {
      for (const statement of deleteToken) statement.run(provider, token, subscriber, id);
    },
    removeTokensOf(subscriber, id) {
      for (const statement of deleteTokensOf) statement.run(subscriber, id);
    },
    ...createSharing(db),
  };
}

function createSharing(db: DatabaseSync): Pick<TokenTables, "replaceShared" | "putShared" | "shareToken"> {
  const shareToken = prepare(
    db,
    `INSERT INTO shared_tokens SELECT provider, token, kind, subscriber, device_id, registered_at, ?5 FROM tokens
     WHERE provider = ?1 AND token = ?2 AND subscriber = ?3 AND device_id = ?4`,
  );
  const deleteOwner = prepare(
    db,
    "DELETE FROM tokens WHERE provider = ? AND token = ? AND subscriber = ? AND device_id = ?",
  );

  const replaceShared = prepare(
    db,
    "UPDATE OR REPLACE shared_tokens SET token = ?3, registered_at = ?4 WHERE provider = ?1 AND token = ?2",
  );
  const insertShared = prepare(
    db,
    `INSERT OR REPLACE INTO shared_tokens (provider, token, kind, subscriber, device_id, registered_at, until)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );

  return {
    replaceShared(provider, oldToken, newToken, at) {
      replaceShared.run(provider, oldToken, newToken, at);
    },
    putShared(provider, token, kind, { subscriber, device_id: id }, at, until) {
      insertShared.run(provider, token, kind, subscriber, id, at, until);
    },
    shareToken(provider, token, { subscriber, device_id: id }, until) {
      shareToken.run(provider, token, subscriber, id, until ?? null);
      deleteOwner.run(provider, token, subscriber, id);
    },
  };
}
