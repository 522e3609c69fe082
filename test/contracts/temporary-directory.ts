import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Creates an empty directory that is removed with its content when disposed. */
export async function createTemporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "sip-pushd-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
