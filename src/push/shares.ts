/** For whom a place is taken. */
export interface Claim {
  readonly app: string;
  readonly domain: string;
  readonly isCall: boolean;
}

/** How much of what is free an app may have: with 2, one alone gets half of what is shared out. */
const GENEROSITY = 2;
/** Kept for those that have hardly any. */
const RESERVE = 1 / 4;
/** What "hardly any" is. */
const MODEST = 1 / 1_000;

/**
 * Shares out a bounded number of places. An app may take more only while it has less than a multiple of what is free, and a domain only while
 * it has less than its app could still get: who is alone gets much, who is one of many gets little, and a newcomer finds a place.
 * Calls and all else are shared out apart, so that no call waits for messages to make room.
 * Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998.
 */
export class Shares {
  readonly #total: number;
  /** By app, and by domain within it. */
  readonly #taken = new Map<string, number>();
  #sum = 0;

  constructor(total: number) {
    this.#total = total;
  }

  get free(): number {
    return this.#total - this.#sum;
  }

  admits(claim: Claim): boolean {
    const [ofApp, ofDomain] = [this.#count(appOf(claim)), this.#count(domainOf(claim))];
    const shared = this.free - Math.floor(this.#total * RESERVE);
    const isModest = ofApp < Math.max(1, this.#total * MODEST);
    return this.free > 0 && (isModest || ofDomain < GENEROSITY * shared - ofApp);
  }

  /** Without asking: who has begun goes on. */
  take(claim: Claim): void {
    this.#add(claim, 1);
  }

  give(claim: Claim): void {
    this.#add(claim, -1);
  }

  #add(claim: Claim, change: number): void {
    this.#sum += change;
    for (const key of [appOf(claim), domainOf(claim)]) {
      const count = this.#count(key) + change;
      if (count === 0) this.#taken.delete(key);
      else this.#taken.set(key, count);
    }
  }

  #count(key: string): number {
    return this.#taken.get(key) ?? 0;
  }
}

function appOf({ app, isCall }: Claim): string {
  return `${isCall} ${app}`;
}

function domainOf(claim: Claim): string {
  return `${appOf(claim)} ${claim.domain}`;
}
