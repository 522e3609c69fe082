import { Argument, InvalidArgumentError } from "commander";
import type { Aor } from "../push/address.ts";
import { readAor } from "../push/sip-uri.ts";

export function subscriberArgument(): Argument {
  return new Argument("<subscriber>", "address of the subscriber, e.g. alice@example.org").argParser(readSubscriber);
}

export function readSubscriber(text: string): Aor {
  const aor = readAor(text);
  if (aor === undefined) throw new InvalidArgumentError("Write it as user@domain, e.g. alice@example.org.");
  return aor;
}

export function readSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== "" && Number.isFinite(seconds) && seconds > 0) return seconds;
  throw new InvalidArgumentError("Write a number of seconds, e.g. 30.");
}

export function readWholeSeconds(text: string): number {
  const seconds = readSeconds(text);
  if (!Number.isInteger(seconds)) throw new InvalidArgumentError("Write a whole number of seconds, e.g. 30.");
  return seconds;
}

/** Collects `--data a=1 --data b=2`. */
export function collectPair(text: string, pairs: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = text.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("Write it as name=value.");
  return { ...pairs, [text.slice(0, equals)]: text.slice(equals + 1) };
}
