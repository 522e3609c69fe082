/** Source of a request, as far as it is known without parsing; empty strings if it is not. */
export interface Source {
  /** Name of an API key. */
  readonly key: string;
  readonly domain: string;
}

/** A source with its recent requests. */
export interface Party {
  readonly key: string;
  /** Requests, and those admitted. Both counts decay within seconds. */
  asked: number;
  admitted: number;
  fadedAt: number;
}

/** Decay time of the counts. */
const MEMORY_MS = 500;
/** A source without requests for this long loses its share. */
const FORGOTTEN_MS = 1_000;
/** Further sources share the place of the unknown ones, so inventing domains gains nothing. */
const MAX_PARTIES = 2_000;

/** Sources that share the capacity: all keys equally, and the domains of each key equally. */
export class Sources {
  readonly #parties = new Map<string, Party>();
  readonly #domainsOf = new Map<string, number>();

  find({ key, domain }: Source, now: number): Party {
    const name = `${key} ${domain}`;
    const found = this.#parties.get(name);
    if (found !== undefined) {
      const faded = Math.exp((found.fadedAt - now) / MEMORY_MS);
      found.asked *= faded;
      found.admitted *= faded;
      found.fadedAt = now;
      return found;
    }
    if (this.#parties.size >= MAX_PARTIES && domain !== "") return this.find({ key: "", domain: "" }, now);
    const party = { key, asked: 0, admitted: 0, fadedAt: now };
    this.#parties.set(name, party);
    this.#domainsOf.set(key, (this.#domainsOf.get(key) ?? 0) + 1);
    return party;
  }

  /** Returns the party's share of a rate as a number of requests, comparable with `asked` and `admitted`. */
  shareOf({ key }: Party, ratePerSecond: number): number {
    const parties = this.#domainsOf.size * (this.#domainsOf.get(key) ?? 1);
    return (ratePerSecond * MEMORY_MS) / 1000 / parties;
  }

  /** Drops sources that are no longer active. */
  count(now: number): void {
    this.#domainsOf.clear();
    for (const [name, { key, fadedAt }] of this.#parties) {
      if (now - fadedAt > FORGOTTEN_MS) this.#parties.delete(name);
      else this.#domainsOf.set(key, (this.#domainsOf.get(key) ?? 0) + 1);
    }
  }

  clear(): void {
    this.#parties.clear();
    this.#domainsOf.clear();
  }
}
