import { execFile } from "node:child_process";
import type { RunProgram } from "../../checks/local-clock.ts";

/** What a program of this machine prints, found by PATH. */
export const runLocalProgram: RunProgram = (command, args, signal) => {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const env = { ...process.env, LC_ALL: "C" };
  execFile(command, [...args], { env, signal, windowsHide: true }, (error, stdout) => {
    resolve(error === null ? stdout : undefined);
  });
  return promise;
};
