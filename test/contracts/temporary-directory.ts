import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An empty directory that is gone with all that is in it when the test ends. */
export async function createTemporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "sip-pushd-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
