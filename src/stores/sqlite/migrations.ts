/** One step of the schema. */
export interface Migration {
  readonly sql: string;
  /**
   * An additive step does not change what earlier releases read and write: it adds tables, indexes, and columns that
   * may be absent. Any other step locks those releases out.
   */
  readonly isAdditive: boolean;
}

/**
 * Oldest first. Each one runs once, in order, and is never edited after a release. The comments stay in the file, where
 * an operator reads them with `.schema`. The SQL is limited to SQLite 3.37, so that any distribution's shell can open
 * the file.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    isAdditive: false,
    sql: `
  -- All instants are milliseconds since 1970.
  CREATE TABLE pushes (
    seq         INTEGER PRIMARY KEY, -- in the order of acceptance
    id          TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    callee      TEXT NOT NULL,
    state       TEXT NOT NULL,
    reason      TEXT,
    request     TEXT NOT NULL,       -- JSON
    accepted_at INTEGER NOT NULL,
    deadline    INTEGER NOT NULL,    -- no attempt starts after it
    due_at      INTEGER,             -- pending: when a worker may take it (again); while held, the end of the lease
    lease_token TEXT,                -- who may settle it
    ended_at    INTEGER,
    dedup_key   TEXT,                -- the same key until keep_until is this push again
    fingerprint TEXT,
    keep_until  INTEGER NOT NULL,
    rank        INTEGER GENERATED ALWAYS AS (kind <> 'call') VIRTUAL,
    held        INTEGER GENERATED ALWAYS AS (lease_token IS NOT NULL) VIRTUAL
  ) STRICT;
  CREATE INDEX pushes_queue ON pushes (rank, due_at, held) WHERE state = 'pending';
  CREATE INDEX pushes_dead ON pushes (seq) WHERE state IN ('failed', 'expired');
  CREATE INDEX pushes_dedup ON pushes (dedup_key) WHERE dedup_key IS NOT NULL;
  CREATE VIEW dedup AS SELECT dedup_key AS key, id AS push_id, fingerprint, keep_until AS expires_at
    FROM pushes WHERE dedup_key IS NOT NULL;

  CREATE TABLE deliveries (
    push_id     TEXT NOT NULL,
    position    INTEGER NOT NULL,
    device_id   TEXT NOT NULL,
    provider    TEXT NOT NULL,
    token_kind  TEXT NOT NULL,
    token       TEXT NOT NULL,
    environment TEXT NOT NULL,
    app         TEXT,
    state       TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    reason      TEXT,             -- the provider's last word
    provider_message_id TEXT,
    not_before  INTEGER,          -- no attempt starts before it
    PRIMARY KEY (push_id, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE devices (
    subscriber    TEXT NOT NULL,
    id            TEXT NOT NULL,
    provider      TEXT NOT NULL,
    environment   TEXT NOT NULL,
    app           TEXT,
    name          TEXT,
    registered_at INTEGER NOT NULL,
    PRIMARY KEY (subscriber, id)
  ) STRICT;
  CREATE INDEX devices_id ON devices (id);

  CREATE TABLE tokens (
    provider      TEXT NOT NULL,
    token         TEXT NOT NULL,
    kind          TEXT NOT NULL,
    subscriber    TEXT NOT NULL,
    device_id     TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    PRIMARY KEY (provider, token, kind)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tokens_device ON tokens (subscriber, device_id);

  CREATE TABLE preferences (
    owner                   TEXT NOT NULL PRIMARY KEY, -- user@domain, or a domain
    mobile_push_enable      TEXT,
    mobile_push_expiry      INTEGER,                   -- seconds
    mobile_push_silent_list TEXT                       -- JSON array
  ) STRICT, WITHOUT ROWID;

  -- Kept by triggers, so that it is right whoever writes, and needs no count over a long queue.
  CREATE TABLE queue (pending INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
  INSERT INTO queue VALUES (0, 0);
  CREATE TRIGGER pushes_insert AFTER INSERT ON pushes WHEN new.state = 'pending' BEGIN
    UPDATE queue SET pending = pending + 1, bytes = bytes + length(new.request);
  END;
  CREATE TRIGGER pushes_update AFTER UPDATE OF state ON pushes
  WHEN (old.state = 'pending') <> (new.state = 'pending') BEGIN
    UPDATE queue SET
      pending = pending + (new.state = 'pending') - (old.state = 'pending'),
      bytes = bytes + length(new.request) * (new.state = 'pending') - length(old.request) * (old.state = 'pending');
  END;
  CREATE TRIGGER pushes_delete AFTER DELETE ON pushes BEGIN
    UPDATE queue SET pending = pending - 1, bytes = bytes - length(old.request) WHERE old.state = 'pending';
    DELETE FROM deliveries WHERE push_id = old.id;
  END;
  `,
  },
  {
    isAdditive: false,
    sql: `
  CREATE TABLE calls (
    callee     TEXT NOT NULL,
    id         TEXT NOT NULL,    -- the SIP Call-ID, or the push's id
    state      TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    revision   INTEGER NOT NULL, -- rises with every change
    record     TEXT NOT NULL,    -- JSON, all of it
    PRIMARY KEY (callee, id)
  ) STRICT;
  CREATE INDEX calls_id ON calls (id);
  CREATE INDEX calls_started ON calls (started_at);

  -- Read by the other processes that share the file; kept for a minute.
  CREATE TABLE call_changes (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,
    callee TEXT NOT NULL,
    id     TEXT NOT NULL,
    state  TEXT NOT NULL,
    push_ids TEXT NOT NULL       -- JSON array
  ) STRICT;
  CREATE INDEX pushes_callee ON pushes (callee, seq);
  `,
  },
  {
    isAdditive: false,
    sql: `
  -- When Apple was found to know the tokens in this environment; null where the app's word stands.
  ALTER TABLE devices ADD COLUMN environment_learned_at INTEGER;
  `,
  },
  {
    isAdditive: false,
    sql: `
  -- JSON: the attempts that have ended; null before the first.
  ALTER TABLE deliveries ADD COLUMN tries TEXT;
  `,
  },
  {
    isAdditive: false,
    sql: `
  -- JSON: what was set for the callee when the push was accepted; null where nothing was.
  ALTER TABLE pushes ADD COLUMN preferences TEXT;
  `,
  },
  {
    isAdditive: false,
    sql: `
  -- Phones that are to be woken before their SIP bindings expire.
  CREATE TABLE wakes (
    subscriber TEXT NOT NULL,
    device_id  TEXT NOT NULL,
    due_at     INTEGER NOT NULL, -- once taken: when it falls due again if nobody finishes it
    PRIMARY KEY (subscriber, device_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX wakes_due ON wakes (due_at);
  `,
  },
  {
    isAdditive: true,
    sql: `
  -- How the file is laid out: 'schema' counts the steps that were run, 'written_by' is the release that ran the last one, and
  -- 'oldest_reader' is the schema that a release has to know at least. user_version repeats the last one: 0.1.0 looks at it alone.
  CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value ANY NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- When tokens of an ended push are blanked; null where they stay, or have gone.
  ALTER TABLE pushes ADD COLUMN tokens_until INTEGER;
  -- From when on retention counts, if that is later than ended_at: a repeat may still come.
  ALTER TABLE pushes ADD COLUMN retain_from INTEGER;
  CREATE INDEX pushes_tokens ON pushes (tokens_until) WHERE tokens_until IS NOT NULL;
  CREATE INDEX pushes_ended ON pushes (coalesce(retain_from, ended_at)) WHERE ended_at IS NOT NULL;
  CREATE INDEX call_changes_at ON call_changes (at);
  `,
  },
  {
    isAdditive: true,
    sql: `
  -- What waits for its end: of all ('queue', with an empty name), and of each domain and callee of which something waits.
  -- Kept by triggers, so that it is right whoever writes. A message is what is not about a call.
  CREATE TABLE queue_load (
    holder        TEXT NOT NULL,    -- queue, domain or callee
    name          TEXT NOT NULL,
    pushes        INTEGER NOT NULL,
    bytes         INTEGER NOT NULL, -- of requests
    messages      INTEGER NOT NULL,
    message_bytes INTEGER NOT NULL,
    PRIMARY KEY (holder, name)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO queue_load VALUES ('queue', '', 0, 0, 0, 0);

  DROP TRIGGER pushes_insert;
  DROP TRIGGER pushes_update;
  DROP TRIGGER pushes_delete;
  DROP TABLE queue;
  CREATE VIEW queue AS SELECT pushes AS pending, bytes FROM queue_load WHERE holder = 'queue';

  -- Inserted into, it adds a push to the loads (change 1), or takes it off them (-1).
  CREATE VIEW queue_load_changes AS SELECT callee, kind, length(request) AS bytes, 1 AS change FROM pushes WHERE 0;
  CREATE TRIGGER queue_load_change INSTEAD OF INSERT ON queue_load_changes BEGIN
    INSERT INTO queue_load (holder, name, pushes, bytes, messages, message_bytes)
    SELECT holders.holder, holders.name, new.change, new.change * new.bytes,
      new.change * (new.kind NOT IN ('call', 'call_end')), new.change * new.bytes * (new.kind NOT IN ('call', 'call_end'))
    FROM (SELECT 'queue' AS holder, '' AS name
      UNION ALL SELECT 'domain', substr(new.callee, instr(new.callee, '@') + 1)
      UNION ALL SELECT 'callee', new.callee) AS holders
    WHERE true
    ON CONFLICT (holder, name) DO UPDATE SET pushes = pushes + excluded.pushes, bytes = bytes + excluded.bytes,
      messages = messages + excluded.messages, message_bytes = message_bytes + excluded.message_bytes;
    DELETE FROM queue_load WHERE holder = 'callee' AND name = new.callee AND pushes <= 0;
    DELETE FROM queue_load
      WHERE holder = 'domain' AND name = substr(new.callee, instr(new.callee, '@') + 1) AND pushes <= 0;
  END;
  INSERT INTO queue_load_changes (callee, kind, bytes, change)
    SELECT callee, kind, length(CAST(request AS BLOB)), 1 FROM pushes WHERE state = 'pending';

  CREATE TRIGGER pushes_insert AFTER INSERT ON pushes WHEN new.state = 'pending' BEGIN
    INSERT INTO queue_load_changes (callee, kind, bytes, change)
      VALUES (new.callee, new.kind, length(CAST(new.request AS BLOB)), 1);
  END;
  CREATE TRIGGER pushes_update AFTER UPDATE OF state ON pushes
  WHEN (old.state = 'pending') <> (new.state = 'pending') BEGIN
    INSERT INTO queue_load_changes (callee, kind, bytes, change)
      SELECT new.callee, new.kind, length(CAST(new.request AS BLOB)), 1 WHERE new.state = 'pending'
      UNION ALL SELECT old.callee, old.kind, length(CAST(old.request AS BLOB)), -1 WHERE old.state = 'pending';
  END;
  CREATE TRIGGER pushes_delete AFTER DELETE ON pushes BEGIN
    INSERT INTO queue_load_changes (callee, kind, bytes, change)
      SELECT old.callee, old.kind, length(CAST(old.request AS BLOB)), -1 WHERE old.state = 'pending';
    DELETE FROM deliveries WHERE push_id = old.id;
  END;
  `,
  },
  {
    isAdditive: true,
    sql: `
  -- Set once a lease has run out while somebody worked on the push: how often that was while nothing else was worked on.
  ALTER TABLE pushes ADD COLUMN lone_deaths INTEGER;
  -- 1 while it is worked on alone.
  ALTER TABLE pushes ADD COLUMN is_alone INTEGER NOT NULL DEFAULT 0;
  `,
  },
  {
    isAdditive: true,
    sql: `
  -- The SIP registration that the device was learned from: its instance, and when it expires. Null: from none, or unknown.
  ALTER TABLE devices ADD COLUMN instance TEXT;
  ALTER TABLE devices ADD COLUMN bound_until INTEGER;

  -- Tokens that a device keeps although another one has registered them since, which stands in the table tokens.
  CREATE TABLE shared_tokens (
    provider      TEXT NOT NULL,
    token         TEXT NOT NULL,
    kind          TEXT NOT NULL,
    subscriber    TEXT NOT NULL,
    device_id     TEXT NOT NULL,
    registered_at INTEGER NOT NULL,
    until         INTEGER,          -- null: for as long as the device has it
    PRIMARY KEY (provider, token, kind, subscriber, device_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX shared_tokens_device ON shared_tokens (subscriber, device_id);
  `,
  },
  {
    isAdditive: true,
    sql: `
  -- The push that replaced one that had failed or expired, and when. Such a one is no dead letter any more.
  ALTER TABLE pushes ADD COLUMN replayed_as TEXT;
  ALTER TABLE pushes ADD COLUMN replayed_at INTEGER;
  `,
  },
  {
    isAdditive: true,
    sql: `
  -- The SIP URI that the device registered last; null: it has not registered by SIP, or not since this column is there.
  ALTER TABLE devices ADD COLUMN contact TEXT;
  `,
  },
];
