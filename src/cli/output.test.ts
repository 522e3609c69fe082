import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runCli } from "../../test/fixtures/cli-run.ts";
import { CliError, createCommand, formatTable, printable, runAction, wrapText } from "./output.ts";

it("prints an error as what happened and what to do, and exits with 2", async () => {
  const run = await runCli(
    (io) =>
      createCommand(io, "fail").action(() =>
        runAction(io, async () => {
          throw new CliError("x", "It broke.", { mend: "Mend it." });
        }),
      ),
    [],
  );

  expect(run).toEqual({ stdout: "", stderr: "sip-pushd: It broke.\nMend it.\n", exitCode: 2 });
});

it("shows no stack trace even for a fault of its own", async () => {
  const run = await runCli(
    (io) => createCommand(io, "fail").action(() => runAction(io, () => Promise.reject(new TypeError("oops")))),
    [],
  );

  expect(run.stderr).toBe("sip-pushd: This is a fault of the command itself: oops\nPlease report it.\n");
  expect(run.exitCode).toBe(2);
});

it("exits with 2 for an unknown option and with 0 after help", async () => {
  const build = (io: Parameters<typeof createCommand>[0]) => createCommand(io, "try").action(() => {});

  expect(await runCli(build, ["--nonsense"])).toMatchObject({ exitCode: 2, stdout: "" });
  expect(await runCli(build, ["--help"])).toMatchObject({ exitCode: 0, stderr: "" });
});

it("aligns columns and leaves no blanks at the end", () => {
  expect(
    formatTable([
      ["a", "bbb", "c"],
      ["aaa", "b"],
    ]),
  ).toEqual(["a    bbb  c", "aaa  b"]);
});

it("lets no text steer the terminal", () => {
  expect(printable("phone\u001b[2J\r\n\u202eeno")).toBe("phone [2J eno");
});

describe("wrapText", () => {
  it("leaves a short text on one line", () => {
    expect(wrapText("  What to do:   ", "Wait.")).toEqual(["  What to do:   Wait."]);
  });

  it("stands further lines under the text", () => {
    expect(wrapText("  A: ", `${"x".repeat(90)} yyyyy zzzzz`)).toEqual([`  A: ${"x".repeat(90)}`, "     yyyyy zzzzz"]);
  });

  it("loses no word, and makes no line longer than 100 but for a single word", () => {
    const word = fc.stringMatching(/^[a-z]{1,120}$/);

    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (words) => {
        const lines = wrapText("  B: ", words.join(" "));

        expect(lines.join(" ").replace("B:", "").split(/\s+/).filter(Boolean)).toEqual(words);
        for (const line of lines) expect(line.length <= 100 || line.trim().split(" ").length <= 2).toBe(true);
      }),
    );
  });
});
