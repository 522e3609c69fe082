/** Who sent a request, as far as is known without parsing it; empty strings where it is not. */
export interface Source {
  /** The name of an API key. */
  readonly key: string;
  readonly domain: string;
}

/** A source, and what it has sent lately. */
export interface Party {
  readonly key: string;
  /** Requests, and those of them that were admitted; both fade away within seconds. */
  asked: number;
  admitted: number;
  fadedAt: number;
}

/** What was admitted counts for about so long. */
const MEMORY_MS = 500;
/** A source that sends nothing for so long gives its share to the others. */
const FORGOTTEN_MS = 1_000;
/** Further ones share the place of the unknown: whoever invents domains gains nothing. */
const MAX_PARTIES = 2_000;

/** Who shares what can be admitted: keys alike, and the domains of one key alike. */
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

  /** How many requests the party's share of a rate comes to, as `asked` and `admitted` are counted. */
  shareOf({ key }: Party, ratePerSecond: number): number {
    const parties = this.#domainsOf.size * (this.#domainsOf.get(key) ?? 1);
    return (ratePerSecond * MEMORY_MS) / 1000 / parties;
  }

  /** Forgets who has gone. */
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
