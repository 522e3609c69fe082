import { startListeners } from "../../src/http/listen.ts";
import { createHttpRig, createTlsMaterial, type RigOptions } from "./http-rig.ts";

/** Certificate of the secure listener, which clients have to trust. */
export const tls = createTlsMaterial();

/** Starts a listener on loopback with recording fakes. */
export async function serve(options: { secure?: boolean; requireKey?: boolean } & RigOptions = {}) {
  const rig = createHttpRig(options);
  const listener = { host: "127.0.0.1", port: 0, requireKey: options.requireKey ?? false };
  const listeners = await startListeners([options.secure === true ? { ...listener, tls } : listener], rig.deps);
  const [address] = listeners.addresses;
  return { ...rig, port: address!.port, [Symbol.asyncDispose]: () => listeners[Symbol.asyncDispose]() };
}
