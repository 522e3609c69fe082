import { readFile } from "node:fs/promises";
import { CliError, type CliIo } from "./output.ts";
import type { AskPassphrase } from "../certificates/credential-file.ts";

/** Reads passphrases from a file, from questions at a terminal, or from standard input, never from the command line. */
export function createPassphrases(file: string | undefined, { input }: Pick<CliIo, "input">): AskPassphrase {
  let piped: Promise<string> | undefined;
  return async (owner) => {
    if (file !== undefined) return readPassphraseFile(file);
    if (input.isTty) return input.ask(`Passphrase of ${owner}: `, { secret: true });
    piped ??= input.read();
    const passphrase = firstLine(await piped);
    if (passphrase !== "") return passphrase;
    throw new CliError("no_passphrase", `${owner} is encrypted, and there is no terminal to ask for its passphrase.`, {
      mend: "Give it on standard input, or as a file: --passphrase-file FILE.",
    });
  };
}

/** Asks twice for a new passphrase. */
export async function chooseNewPassphrase(file: string | undefined, { input }: Pick<CliIo, "input">): Promise<string> {
  if (file !== undefined) return readPassphraseFile(file);
  if (!input.isTty) {
    throw new CliError("no_passphrase", "There is no terminal to ask for the new passphrase.", {
      mend: "Give it as a file: --new-passphrase-file FILE.",
    });
  }
  const chosen = await input.ask("New passphrase for the private key: ", { secret: true });
  const again = await input.ask("The same again: ", { secret: true });
  if (chosen === again && chosen !== "") return chosen;
  throw new CliError("no_passphrase", chosen === "" ? "The new passphrase is empty." : "The two are not the same.");
}

async function readPassphraseFile(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new CliError("unreadable_file", `The passphrase cannot be read: ${error.message}`, { cause: error });
  });
  const passphrase = firstLine(text);
  if (passphrase === "") throw new CliError("no_passphrase", `${file} holds no passphrase.`);
  return passphrase;
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? "";
}
