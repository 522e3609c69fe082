import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import type { Answer, ClientEntry, Try } from "./ledgers.ts";

export type NewEntry = Omit<ClientEntry, "tries">;

/** Requests of clients and their answers. Every line is written before the event that it records continues. */
export interface ClientLedger extends Disposable {
  /** Call before the request is sent. */
  open(entry: NewEntry): void;
  /** Begins another attempt. The returned function records its end. */
  begin(key: string): (answer: Answer) => void;
  entries(): readonly ClientEntry[];
  /** Returns when everything is on disk. */
  sync(): void;
  /** Number of attempts that have not ended. */
  readonly openAttempts: number;
}

export function openClientLedger(file: string): ClientLedger {
  const fd = openSync(file, "a", 0o600);
  const write = (line: object): void => void writeSync(fd, `${JSON.stringify(line)}\n`);
  const entries = new Map<string, NewEntry & { readonly tries: Try[] }>();
  let openAttempts = 0;

  return {
    open(entry) {
      write({ what: "push", ...entry });
      entries.set(entry.key, { ...entry, tries: [] });
    },
    begin(key) {
      const sentAt = Date.now();
      write({ what: "try", key, sentAt });
      openAttempts += 1;
      return (answer) => {
        write({ what: "answer", key, sentAt, ...answer });
        entries.get(key)?.tries.push({ sentAt, answer });
        openAttempts -= 1;
      };
    },
    entries: () => [...entries.values()],
    sync: () => fdatasyncSync(fd),
    get openAttempts() {
      return openAttempts;
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}
