/** Owner of a slot. */
export interface SlotOwner {
  readonly app: string;
  readonly domain: string;
  readonly isCall: boolean;
}

/** Multiple of the free slots that an app may have. With 2, a single app gets half of the shared ones. */
const ALPHA = 2;
/** Part reserved for owners with hardly any slots. */
const RESERVE = 1 / 4;
/** Part of the total that counts as "hardly any". */
const MODEST = 1 / 1_000;

/**
 * Shares a limited number of slots fairly. An app may take another slot only while it has less than a multiple of the
 * free ones, and a domain only while it has less than its app could still get. A single owner gets much, one of many
 * gets little, and a newcomer finds a slot. Calls are shared separately, so that no call waits for messages to make
 * room.
 * Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998.
 */
export class FairShare {
  readonly #total: number;
  /** By app, and by domain within an app. */
  readonly #taken = new Map<string, number>();
  #sum = 0;

  constructor(total: number) {
    this.#total = total;
  }

  get free(): number {
    return this.#total - this.#sum;
  }

  admits(claim: SlotOwner): boolean {
    const [ofApp, ofDomain] = [this.#count(appOf(claim)), this.#count(domainOf(claim))];
    const shared = this.free - Math.floor(this.#total * RESERVE);
    const isModest = ofApp < Math.max(1, this.#total * MODEST);
    return this.free > 0 && (isModest || ofDomain < ALPHA * shared - ofApp);
  }

  /** Takes a slot unconditionally: started work continues. */
  take(claim: SlotOwner): void {
    this.#add(claim, 1);
  }

  give(claim: SlotOwner): void {
    this.#add(claim, -1);
  }

  #add(claim: SlotOwner, change: number): void {
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

function appOf({ app, isCall }: SlotOwner): string {
  return `${isCall} ${app}`;
}

function domainOf(claim: SlotOwner): string {
  return `${appOf(claim)} ${claim.domain}`;
}
