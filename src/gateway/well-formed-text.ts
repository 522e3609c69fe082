import { toWellFormed } from "../push/well-formed.ts";

/**
 * The same store, to which all text comes well-formed, whether it is written or looked up by. Every store is opened through this: what is
 * not well-formed is escaped in JSON in a way that Redis's scripts, and some providers, cannot read.
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
