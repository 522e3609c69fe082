import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** A program of the bench in a process of its own, which answers one order at a time. */
export interface HelperProcess<Order, Answer> extends AsyncDisposable {
  readonly pid: number;
  /** Rejects if the program ends before it answers. */
  ask(order: Order): Promise<Answer>;
}

const BENCH = join(import.meta.dirname, "..");

/** `program` is a path below `bench/`. Typed arrays travel as they are. */
export function startHelper<Order extends object, Answer>(
  program: string,
  args: readonly string[] = [],
): HelperProcess<Order, Answer> {
  const stdio = ["ignore", "inherit", "inherit", "ipc"] as const;
  const child = fork(join(BENCH, program), args, { serialization: "advanced", stdio: [...stdio] });
  return {
    pid: child.pid ?? 0,
    ask: (order) => askOnce(child, program, order),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function askOnce<Answer>(child: ChildProcess, program: string, order: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const end = () => reject(new Error(`bench/${program} has ended before it answered.`));
    child.once("exit", end);
    child.once("message", (message) => {
      child.off("exit", end);
      resolve(message as Answer);
    });
    child.send(order);
  });
}

/** The other side: answers orders in their order of arrival, and ends with the parent. */
export function serveOrders(answer: (order: never) => unknown): void {
  process.on("message", (order) => {
    void Promise.resolve(answer(order as never)).then((value) => process.send?.(value));
  });
  process.on("disconnect", () => process.exit());
}
