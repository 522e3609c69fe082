import type { Redis } from "ioredis";

/**
 * Makes all commands that are sent in one turn of the event loop leave in one write to the socket. Writes are dear, and
 * a busy gateway sends dozens of commands per turn. An idle one loses no time: the turn ends at once.
 */
export function corkEachTurn(redis: Redis): void {
  const send = redis.sendCommand.bind(redis);
  let corked: Redis["stream"] | undefined;
  redis.sendCommand = (...args) => {
    const { stream } = redis;
    if (stream !== corked && stream !== undefined) {
      corked = stream;
      stream.cork();
      setImmediate(() => {
        stream.uncork();
        if (corked === stream) corked = undefined;
      });
    }
    return send(...args);
  };
}
