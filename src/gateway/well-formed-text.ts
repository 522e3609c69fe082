import { toWellFormed } from "../push/well-formed.ts";

/**
 * Wraps a store so that all text reaches it well-formed, in values and in keys. Every store is opened through this:
 * JSON escapes lone surrogates in a way that Redis's scripts, and some providers, cannot read.
 */
export function withWellFormedText<Store extends object>(store: Store): Store {
  const members = Reflect.ownKeys(store).map((name): [PropertyKey, unknown] => {
    const member: unknown = Reflect.get(store, name);
    return [name, typeof member === "function" ? wrap(member) : member];
  });
  return Object.fromEntries(members) as Store;
}

function wrap(method: Function): (...values: readonly unknown[]) => unknown {
  return (...values): unknown => Reflect.apply(method, undefined, toWellFormed(values));
}
