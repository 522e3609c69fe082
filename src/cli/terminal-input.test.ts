import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { createTerminalInput } from "./terminal-input.ts";

function fixture() {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const shown: string[] = [];
  const input = createTerminalInput({ stdin: () => stdin, stderr: { write: (text) => shown.push(text) } });
  return { stdin, shown, input };
}

it("shows what is typed, and the question, on standard error", async () => {
  const { stdin, shown, input } = fixture();

  const answer = input.ask("User name: ");
  stdin.write("alice\r");

  expect(await answer).toBe("alice");
  expect(shown.join("")).toMatch(/User name: .*alice/s);
});

it("does not show a secret", async () => {
  const { stdin, shown, input } = fixture();

  const answer = input.ask("Password: ", { secret: true });
  stdin.write("hunter2\r");

  expect(await answer).toBe("hunter2");
  expect(shown.join("")).toContain("Password: ");
  expect(shown.join("")).not.toMatch(/h.*u.*n.*t.*e.*r/s);
});

it("asks one question after another", async () => {
  const { stdin, input } = fixture();

  const first = input.ask("One: ");
  stdin.write("1\r");
  await first;
  const second = input.ask("Two: ", { secret: true });
  stdin.write("2\r");

  expect(await second).toBe("2");
});

it.each([
  ["Ctrl-C", "\u0003"],
  ["Ctrl-D", "\u0004"],
])("ends with an error on %s", async (_name, typed) => {
  const { stdin, input } = fixture();

  const answer = input.ask("Password: ", { secret: true });
  stdin.write(typed);

  await expect(answer).rejects.toThrow("Cancelled.");
});

it("reads all of standard input, characters that are cut in two included", async () => {
  const { stdin, input } = fixture();
  const bytes = Buffer.from("pässword €");

  for (const byte of bytes) stdin.write(Buffer.from([byte]));
  stdin.end();

  expect(await input.read()).toBe("pässword €");
});
