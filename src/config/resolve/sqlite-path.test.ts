import { mkdirSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createConfigFixture, type ConfigFixture } from "../../../test/fixtures/config-fixture.ts";
import { findStoreProblem } from "../../app/find-store-problem.ts";

const PLAIN = "listen: [{port: 1}]\n";
const NGCP = "pushd:\n  enable: yes\n  port: 1\n  ssl: no\n";

let fixture: ConfigFixture;
let state: string;

beforeEach(() => {
  fixture = createConfigFixture();
  state = fixture.files.path("state");
  mkdirSync(state);
});
afterEach(() => fixture[Symbol.dispose]());

const load = (text: string, variable = state) => fixture.load(text, { env: { STATE_DIRECTORY: variable } });

describe("the default place of the database", () => {
  it.each([
    ["a plain file", PLAIN],
    ["an NGCP file", NGCP],
  ])("is the service's own folder, never beside %s", (_, text) => {
    expect(load(text).config.store).toMatchObject({ path: `${state}/sip-pushd.db` });
    expect(load(text, `${state}:/elsewhere`).config.store).toMatchObject({ path: `${state}/sip-pushd.db` });
  });

  it("is /var/lib/sip-pushd without systemd, and its absence is said", () => {
    const there = fixture.load(PLAIN, {
      env: { STATE_DIRECTORY: "" },
      directoryExists: () => true,
      fileExists: () => false,
    });
    const problems = fixture.problemsOf(PLAIN, { env: { STATE_DIRECTORY: "" }, directoryExists: () => false });

    expect(there.config.store).toMatchObject({ path: "/var/lib/sip-pushd/sip-pushd.db" });
    expect(problems).toEqual([
      expect.stringContaining("store.path: there is no directory /var/lib/sip-pushd for the database; run: install -d"),
    ]);
  });

  it("gives way to a database beside the configuration, with the commands that move it", () => {
    const beside = fixture.files.write("sip-pushd.db", "");
    const before = load(PLAIN);
    writeFileSync(`${state}/sip-pushd.db`, "");
    const after = load(PLAIN);

    expect(before.config.store).toMatchObject({ path: beside });
    expect(before.warnings).toEqual([expect.stringContaining("mkdir -p state && mv sip-pushd.db* state/")]);
    expect(after.config.store).toMatchObject({ path: `${state}/sip-pushd.db` });
    expect(after.warnings).toEqual([]);
  });

  it("does not count if store.path is given", () => {
    expect(load(`${PLAIN}store: {path: own.db}`).config.store).toMatchObject({ path: fixture.files.path("own.db") });
  });
});

describe("a folder that cannot be written", () => {
  const refuse = (refused: string) => (path: string) => {
    if (path === refused) throw Object.assign(new Error("EACCES"), { code: "EACCES" });
  };

  it("is a problem of store.path, and so is a file", () => {
    const { store } = load(PLAIN).config;
    writeFileSync(`${state}/sip-pushd.db`, "");

    for (const refused of [state, `${state}/sip-pushd.db`]) {
      expect(findStoreProblem("config.yml", store, refuse(refused))).toMatchObject({
        severity: "error",
        key: "store.path",
        message: `this process may not write to ${refused}`,
        mend: expect.stringContaining(`chown -R <user of the service> ${state}`),
      });
    }
    expect(findStoreProblem("config.yml", store)).toBeUndefined();
  });
});
