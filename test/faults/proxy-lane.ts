import type { Socket } from "node:net";

export type LaneMode =
  | { readonly kind: "pass" }
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "throttle"; readonly bytesPerSecond: number }
  | { readonly kind: "black-hole" }
  | { readonly kind: "cut-after"; readonly bytes: number }
  | { readonly kind: "cut-before-reply" };

/** One direction of one proxied connection. */
export interface Lane {
  readonly isDead: boolean;
  set(mode: LaneMode): void;
  stop(): void;
}

export interface LaneParts {
  readonly source: Socket;
  readonly sink: Socket;
  readonly mode: LaneMode;
  /** Closes the connection in both directions. */
  readonly cut: () => void;
}

interface Piece {
  /** Undefined for the end of the stream. */
  readonly bytes: Buffer | undefined;
  readonly at: number;
}

const MAX_HELD_BYTES = 4 * 1024 * 1024;
const THROTTLE_TICK_MS = 10;

export function createLane({ source, sink, mode: firstMode, cut }: LaneParts): Lane {
  const held: Piece[] = [];
  let mode = firstMode;
  let heldBytes = 0;
  /** For `cut-after`: the number of bytes that may still pass. */
  let left = leftOf(firstMode);
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const hold = (bytes: Buffer | undefined): void => {
    held.push({ bytes, at: performance.now() });
    heldBytes += bytes?.length ?? 0;
    if (heldBytes > MAX_HELD_BYTES) source.pause();
    pump();
  };
  source.on("data", hold);
  source.on("end", () => hold(undefined));
  sink.on("drain", () => pump());

  function pump(): void {
    if (timer !== undefined) return;
    for (let piece = next(); piece !== undefined; piece = next()) {
      const waitMs = step(piece);
      if (waitMs === undefined) return;
      if (waitMs > 0) {
        timer = setTimeout(() => {
          timer = undefined;
          pump();
        }, waitMs);
        return;
      }
    }
  }

  const next = (): Piece | undefined => (stopped || sink.writableNeedDrain ? undefined : held[0]);

  /** Handles the oldest piece. Returns how long to wait for the next step, or undefined if only another mode helps. */
  function step({ bytes, at }: Piece): number | undefined {
    switch (mode.kind) {
      case "pass":
        return forward(bytes?.length);
      case "delay": {
        const waitMs = at + mode.ms - performance.now();
        return waitMs > 0 ? Math.ceil(waitMs) : forward(bytes?.length);
      }
      case "throttle":
        forward(Math.max(1, Math.floor((mode.bytesPerSecond * THROTTLE_TICK_MS) / 1000)));
        return THROTTLE_TICK_MS;
      case "black-hole":
        return undefined;
      case "cut-after":
        if (bytes === undefined) return forward(undefined);
        forward(Math.min(bytes.length, left));
        left -= Math.min(bytes.length, left);
        if (left > 0) return 0;
        // Written bytes are still sent: the peer gets exactly this many.
        sink.end(cut);
        return undefined;
      case "cut-before-reply":
        cut();
        return undefined;
    }
  }

  function forward(most: number | undefined): number {
    const piece = held.shift();
    if (piece?.bytes === undefined) {
      if (piece !== undefined) sink.end();
      return 0;
    }
    const passing = piece.bytes.subarray(0, most);
    const rest = piece.bytes.subarray(passing.length);
    if (rest.length > 0) held.unshift({ bytes: rest, at: piece.at });
    heldBytes -= passing.length;
    if (heldBytes <= MAX_HELD_BYTES && source.isPaused()) source.resume();
    if (passing.length > 0) sink.write(passing);
    return 0;
  }

  return {
    get isDead() {
      return mode.kind === "black-hole";
    },
    set(next) {
      mode = next;
      left = leftOf(next);
      clearTimeout(timer);
      timer = undefined;
      pump();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function leftOf(mode: LaneMode): number {
  return mode.kind === "cut-after" ? mode.bytes : 0;
}
