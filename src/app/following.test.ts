import { expect, it } from "vitest";
import { following } from "./following.ts";

it("calls the function of the settings in force, with all arguments", () => {
  const build = (word: string) => ({ word, greet: (name: string, mark: string) => `${word} ${name}${mark}` });
  let settings = build("Hello");
  const { greet } = following(() => settings, "greet");

  expect(greet("Alice", "!")).toBe("Hello Alice!");
  settings = build("Bye");
  expect(greet("Bob", "?")).toBe("Bye Bob?");
});
