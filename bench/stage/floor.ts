import { join } from "node:path";
import { findFreePort } from "../../test/fixtures/http-tools.ts";
import type { RedisServer } from "../../test/fixtures/redis-servers.ts";
import type { FloorOptions } from "../floor/floor-process.ts";
import { readServerPid } from "./redis-pid.ts";
import { startProgram, type Party } from "./party.ts";
import type { Stage } from "./stage.ts";
import { CALLS } from "./templates.ts";

const PROGRAM = join(import.meta.dirname, "../floor/floor-process.ts");

/** Starts the floor with a Redis, or with a new SQLite file. */
export async function startFloor(stage: Stage, redis: RedisServer | undefined): Promise<Party> {
  const port = await findFreePort();
  const { cert, key, ca } = stage.files;
  const store = redis === undefined ? { sqlite: join(stage.directory, `floor-${port}.db`) } : { redis: redis.url };
  const options: FloorOptions = { port, apnsPort: stage.ports.apns, cert, key, ca, ...store };
  const logFile = join(stage.directory, `floor-${port}.log`);
  const program = await startProgram({ command: [process.execPath, PROGRAM, JSON.stringify(options)], logFile, port });
  return {
    name: "floor",
    pid: program.pid,
    target: { port, ca: stage.caText },
    template: CALLS,
    redisPid: redis === undefined ? 0 : await readServerPid(redis),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}
