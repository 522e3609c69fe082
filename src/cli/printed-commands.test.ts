import { expect, it } from "vitest";
import { fitCommands, readProgramStart } from "./printed-commands.ts";
import { COMMAND_NAMES } from "./program.ts";

const CLONE = "npm run -s sip-pushd --";

it.each([
  ["file:///opt/sip-pushd/src/main.ts", CLONE],
  ["file:///usr/lib/node_modules/sip-pushd/dist/main.js", "sip-pushd"],
])("knows from %s how the program is started", (main, start) => {
  expect(readProgramStart(main)).toBe(start);
});

it.each([
  ["Start it (sip-pushd serve), and look.", `Start it (${CLONE} serve), and look.`],
  ["try 'sip-pushd send'.", `try '${CLONE} send'.`],
  ["systemctl stop sip-pushd && sip-pushd store compact", `systemctl stop sip-pushd && ${CLONE} store compact`],
  ['"sip-pushd demo" shows it', `"${CLONE} demo" shows it`],
])("fits %s to a clone", (text, fitted) => {
  expect(fitCommands(text, CLONE)).toBe(fitted);
  expect(fitCommands(fitted, CLONE)).toBe(fitted);
  expect(fitCommands(text, "sip-pushd")).toBe(text);
});

it.each([
  "/var/lib/sip-pushd/sip-pushd.db",
  "a second sip-pushd, or NGCP's pushd",
  "sip-pushd: The file does not exist.",
  "sip-pushd simulator CA",
  "journalctl -u sip-pushd",
  "the sip-pushd configuration",
])("leaves alone what is no command: %s", (text) => {
  expect(fitCommands(text, CLONE)).toBe(text);
});

it("knows every command of the program", () => {
  for (const name of COMMAND_NAMES)
    expect(fitCommands(`sip-pushd ${name} --help`, CLONE)).toBe(`${CLONE} ${name} --help`);
});
