import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { SERVERS, type ConnectionScript, type ConnectionStep, type ServerName } from "./connection-script.ts";
import { playSteps, type StepPlayer } from "./play-steps.ts";
import { ServedConnection, type ConnectionCounts } from "./served-connection.ts";

/** One HTTP/2 connection, open or closed. */
export interface ConnectionRecord extends ConnectionCounts {
  /** Counts from 1. Each attempt names the connection that it used. */
  readonly id: number;
  readonly server: ServerName;
  /** Epoch milliseconds. */
  readonly openedAt: number;
  readonly open: boolean;
  readonly goAways: readonly { readonly code: number; readonly lastStreamId: number }[];
}

export interface OpenedConnection {
  readonly id: number;
  readonly connection: ServedConnection;
  /** Number of streams to announce first, if the script states one. */
  readonly streams: number | undefined;
  /** Call when Node's server has the connection. Runs the steps that wait for nothing. */
  start(): void;
}

/** Records the connections of all listeners and plays their scripts. */
export interface ConnectionRegistry {
  /** `houseRules` apply to the connection in addition to any script. */
  open(server: ServerName, sockets: Sockets, houseRules?: readonly ConnectionStep[]): OpenedConnection;
  /** Replaces the script for the connections of a server. */
  script(server: ServerName, script: ConnectionScript): void;
  scripts(): Readonly<Partial<Record<ServerName, ConnectionScript>>>;
  /** Returns true if there was a script. Connections finish the steps that they have begun. */
  forget(server: ServerName): boolean;
  /** Oldest first. */
  list(): readonly ConnectionRecord[];
}

export interface Sockets {
  readonly socket: TLSSocket;
  readonly tcp: Socket;
}

interface Entry {
  readonly id: number;
  readonly server: ServerName;
  readonly openedAt: number;
  readonly connection: ServedConnection;
  readonly players: StepPlayer[];
}

/** Number of records to keep, closed connections included. The oldest are dropped first. */
const KEPT_RECORDS = 1_000;

export function createConnectionRegistry(now: () => number): ConnectionRegistry {
  const entries: Entry[] = [];
  const scripts = new Map<ServerName, { readonly script: ConnectionScript; left: number }>();
  let lastId = 0;

  function play({ connection, players }: Entry, steps: readonly ConnectionStep[]): void {
    const player = playSteps(connection, steps);
    players.push(player);
    player.advance();
  }

  function takeScript(server: ServerName): ConnectionScript | undefined {
    const entry = scripts.get(server);
    if (entry === undefined || entry.script.on === "open" || entry.left <= 0) return undefined;
    entry.left -= 1;
    return entry.script;
  }

  return {
    open(server, sockets, houseRules = []) {
      const players: StepPlayer[] = [];
      const onCount = (): void => {
        for (const player of players) player.advance();
      };
      lastId += 1;
      const connection = new ServedConnection({ ...sockets, onCount });
      const entry = { id: lastId, server, openedAt: now(), connection, players };
      entries.push(entry);
      if (entries.length > KEPT_RECORDS) entries.shift();
      sockets.socket.once("close", () => {
        for (const player of players.splice(0)) player[Symbol.dispose]();
      });
      const script = takeScript(server);
      return {
        id: entry.id,
        connection,
        streams: script?.streams,
        start() {
          for (const rule of houseRules) play(entry, [rule]);
          if (script !== undefined) play(entry, script.steps);
        },
      };
    },
    script(server, script) {
      scripts.set(server, { script, left: script.times ?? Infinity });
      if (script.on === "next") return;
      for (const entry of entries) if (entry.server === server && !entry.connection.closed) play(entry, script.steps);
    },
    scripts() {
      const pairs = SERVERS.flatMap((server) => {
        const entry = scripts.get(server);
        if (entry === undefined) return [];
        return [[server, entry.left === Infinity ? entry.script : { ...entry.script, times: entry.left }] as const];
      });
      return Object.fromEntries(pairs);
    },
    forget: (server) => scripts.delete(server),
    list: () => entries.map(readRecord),
  };
}

function readRecord({ id, server, openedAt, connection }: Entry): ConnectionRecord {
  return { id, server, openedAt, open: !connection.closed, goAways: connection.goAways, ...connection.counts };
}
