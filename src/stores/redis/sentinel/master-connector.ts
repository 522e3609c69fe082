import { connect as connectPlain } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { AbstractConnector } from "ioredis";
import type { RedisAddress } from "../redis-options.ts";
import { openSentinels, type CommonOptions, type SentinelConnection, type Sentinels } from "./sentinels.ts";

type NetStream = Awaited<ReturnType<AbstractConnector["connect"]>>;
type NoteError = Parameters<AbstractConnector["connect"]>[0];

/** Interval for asking the Sentinels whether the connected server is still the master. */
const LOOK_EVERY_MS = 1_000;
/** How long ioredis lets a stream end before it destroys it. */
const END_WITHIN_MS = 2_000;
/** ioredis's own error for a stop during connecting. */
const STOPPED = "Connection is closed.";

/**
 * Connects to the master that the Sentinels currently agree on, and leaves it when there is another. ioredis' own
 * connector believes the first Sentinel that answers; one that lags behind a failover leads back to the old master.
 */
export class MasterConnector extends AbstractConnector {
  /** Returns the current login. */
  readonly #readConnection: () => SentinelConnection;
  readonly #common: CommonOptions;
  readonly #pauseMs: (attempts: number) => number;
  #sentinels: Sentinels | undefined;
  /** Login with which the Sentinels were opened. */
  #asked: SentinelConnection | undefined;
  #watch: NodeJS.Timeout | undefined;

  constructor(readConnection: () => SentinelConnection, common: CommonOptions, pauseMs: (attempts: number) => number) {
    super(END_WITHIN_MS);
    this.#readConnection = readConnection;
    this.#common = common;
    this.#pauseMs = pauseMs;
  }

  /** Checks the role that the server itself reports. */
  override check({ role }: { readonly role?: string }): boolean {
    return role === undefined || role === "master";
  }

  override async connect(noteError: NoteError): Promise<NetStream> {
    this.connecting = true;
    clearTimeout(this.#watch);
    const address = await this.#findMaster(noteError);
    const { tls } = this.#readConnection();
    const stream = tls === undefined ? connectPlain({ ...address }) : connectSecurely({ ...tls, ...address });
    stream.once("error", (error) => (this.firstError = error));
    stream.once("close", () => {
      if (this.stream === stream) clearTimeout(this.#watch);
    });
    this.stream = stream;
    this.#lookLater(stream, address);
    return stream;
  }

  override disconnect(): void {
    clearTimeout(this.#watch);
    this.#sentinels?.[Symbol.dispose]();
    this.#sentinels = undefined;
    super.disconnect();
  }

  /** Asks until there is a master. */
  async #findMaster(noteError: NoteError): Promise<RedisAddress> {
    for (let attempts = 1; ; attempts += 1) {
      const chosen = await this.#ask().catch((error: Error) => noteError("error", error));
      // Only when told to stop: ioredis does not retry after this rejection.
      if (!this.connecting) throw new Error(STOPPED);
      if (chosen?.kind === "master") return chosen.address;
      await new Promise((resolve) => setTimeout(resolve, this.#pauseMs(attempts)));
      if (!this.connecting) throw new Error(STOPPED);
    }
  }

  async #ask() {
    const connection = this.#readConnection();
    if (this.#asked !== connection) {
      this.#sentinels?.[Symbol.dispose]();
      this.#sentinels = undefined;
    }
    this.#asked = connection;
    this.#sentinels ??= openSentinels(connection, this.#common);
    return this.#sentinels.findMaster();
  }

  #lookLater(stream: NetStream, address: RedisAddress): void {
    this.#watch = setTimeout(() => void this.#look(stream, address), LOOK_EVERY_MS);
    this.#watch.unref();
  }

  async #look(stream: NetStream, { host, port }: RedisAddress): Promise<void> {
    // Sentinels that do not answer are not a reason to leave a master that does.
    const chosen = await this.#ask().catch(() => undefined);
    if (this.stream !== stream || stream.destroyed || !this.connecting) return;
    const isSame = chosen?.kind !== "master" || (chosen.address.host === host && chosen.address.port === port);
    if (chosen?.kind === "changing" || !isSame) stream.destroy();
    else this.#lookLater(stream, { host, port });
  }
}
