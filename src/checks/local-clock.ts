/** State of this machine's time daemon. */
export interface LocalClock {
  /** Program that was asked. */
  readonly daemon: string;
  readonly synchronised: boolean;
  /** Offset in milliseconds as the daemon estimates it, if it does. */
  readonly offsetMs?: number;
}

/** Runs a program. Resolves with undefined if it does not exist or fails. */
export type RunProgram = (command: string, args: readonly string[], signal: AbortSignal) => Promise<string | undefined>;

const READERS: readonly (readonly [
  command: string,
  args: readonly string[],
  read: (text: string) => LocalClock | undefined,
])[] = [
  ["chronyc", ["-n", "tracking"], readChronyc],
  ["ntpq", ["-pn"], readNtpq],
  ["timedatectl", ["show", "--property=NTPSynchronized"], readTimedatectl],
];

/** Asks the time daemons in turn. Resolves with undefined if none answers. */
export async function askLocalClock(run: RunProgram, signal: AbortSignal): Promise<LocalClock | undefined> {
  for (const [command, args, read] of READERS) {
    const text = await run(command, args, signal);
    const clock = text === undefined ? undefined : read(text);
    if (clock !== undefined) return clock;
  }
  return undefined;
}

/** `System time     : 0.000012345 seconds slow of NTP time`, `Leap status     : Normal` */
function readChronyc(text: string): LocalClock | undefined {
  const leap = /^Leap status\s*:\s*(.+)$/m.exec(text)?.[1];
  if (leap === undefined) return undefined;
  const seconds = Number(/^System time\s*:\s*([\d.]+) seconds/m.exec(text)?.[1]);
  const offset = Number.isNaN(seconds) ? {} : { offsetMs: seconds * 1000 };
  return { daemon: "chrony", synchronised: leap.trim() !== "Not synchronised", ...offset };
}

/** The peer in use is marked with `*`. The last column but one is the offset in milliseconds. */
function readNtpq(text: string): LocalClock | undefined {
  if (!/^\s*remote\s+refid/m.test(text)) return undefined;
  const peer = /^\*(.+)$/m.exec(text)?.[1]?.trim().split(/\s+/);
  if (peer === undefined) return { daemon: "ntpd", synchronised: false };
  return { daemon: "ntpd", synchronised: true, offsetMs: Math.abs(Number(peer.at(-2))) };
}

function readTimedatectl(text: string): LocalClock | undefined {
  const value = /^NTPSynchronized=(yes|no)$/m.exec(text)?.[1];
  return value === undefined ? undefined : { daemon: "systemd", synchronised: value === "yes" };
}
