const { Visitor } = require("@swc/core/Visitor.js");

/**
 * Who may import whom: push ← gateway ← rooms ← app ← { cluster, demo } ← cli ← main. `scripts/check-boundaries.ts` runs
 * these rules, and proves each time that each of them can fail. Tests (`*.test.ts`) may import test/ and other rooms.
 */
const TEST = "\\.test\\.ts$";
const ROOMS = ["providers", "stores", "dialects", "http", "launcher", "checks", "telemetry", "import", "trace"];
const SEND_REQUEST = "^src/client/send-request\\.ts$";
/** What single rooms see besides push/, gateway/ and the list of providers. */
const MORE_SEEN = { launcher: [SEND_REQUEST], providers: ["^src/payloads/"] };
/** Rooms outside the circle of push and gateway, each with a rule of its own. */
const OTHERS = ["payloads", "certificates", "checklist", "config", "client", "simulator", "cluster", "demo", "cli"];
/** The composition root and its parts. */
const APP = "^src/app(?:\\.ts$|/)";

/** The list of push services and what follows from it: no folder of a provider. */
const REGISTRY = "^src/providers/(?:providers|provider-module|explain-reason|app-refused)\\.ts$";

/** The gateway's reports of pushes and calls. */
const REPORTS = "^src/trace/trace-report\\.ts$";
/** Sends requests as any program would. */
const REQUESTS = "^src/client/(?:send-request|request-json)\\.ts$";

/** A room sees itself, and what is allowed, of src/. */
function onlySees(room, from, allowed, comment) {
  return {
    name: `${room}-sees-only`,
    comment,
    severity: "error",
    from: { path: from, pathNot: TEST },
    to: { path: "^src/", pathNot: [from, ...allowed] },
  };
}

/** Folders inside a room are siblings too. */
function noSiblings(room, shared = []) {
  return {
    name: `${room}-siblings`,
    comment: `The folders of ${room}/ do not know each other.`,
    severity: "error",
    from: { path: `^src/${room}/([^/]+)/`, pathNot: TEST },
    to: { path: `^src/${room}/[^/]+/`, pathNot: [`^src/${room}/$1/`, ...shared] },
  };
}

function noPackages(room) {
  return {
    name: `${room}-no-packages`,
    comment: `${room}/ is plain TypeScript: a package belongs behind one of its interfaces.`,
    severity: "error",
    from: { path: `^src/${room}/`, pathNot: TEST },
    to: { path: "node_modules/" },
  };
}

// swc's own visitor, with which dependency-cruiser walks a file, does not know `await using`.
const visitStatement = Reflect.get(Visitor.prototype, "visitStatement");
Visitor.prototype.visitStatement = function visitAnyStatement(statement) {
  if (statement.type !== "UsingDeclaration") return Reflect.apply(visitStatement, this, [statement]);
  this.visitVariableDeclarators(statement.decls);
  return statement;
};

module.exports = {
  forbidden: [
    onlySees("push", "^src/push/", [], "push/ is the domain: it imports nothing."),
    noPackages("push"),
    {
      name: "push-no-io",
      comment: "push/ is pure: of Node it sees node:buffer, node:crypto and node:url alone.",
      severity: "error",
      from: { path: "^src/push/", pathNot: TEST },
      to: { dependencyTypes: ["core"], pathNot: "^(?:node:)?(?:buffer|crypto|url)$" },
    },
    onlySees("payloads", "^src/payloads/", ["^src/push/"], "payloads/ sees push/ alone: what a phone gets is pure."),
    noPackages("payloads"),
    onlySees(
      "gateway",
      "^src/gateway/",
      ["^src/push/", "^src/payloads/trim\\.ts$"],
      "gateway/ sees push/, and trims a request; the world comes through its interfaces.",
    ),
    noPackages("gateway"),
    ...ROOMS.map((room) =>
      onlySees(
        room,
        `^src/${room}/`,
        ["^src/push/", "^src/gateway/", REGISTRY, ...(MORE_SEEN[room] ?? [])],
        "Rooms see push/, gateway/ and the list of providers, never each other; the sign-up sends requests.",
      ),
    ),
    noSiblings("providers", ["^src/providers/(?:channel|google)/"]),
    noSiblings("stores"),
    noSiblings("dialects"),
    onlySees(
      "certificates",
      "^src/certificates/",
      ["^src/push/(?:compact|operator-error)\\.ts$"],
      "certificates/ knows formats, not what they are for; an operator is told what to mend.",
    ),
    onlySees(
      "config",
      "^src/config/",
      ["^src/push/", "^src/certificates/"],
      "config/ sees push/, and what is in a certificate.",
    ),
    onlySees(
      "simulator",
      "^src/simulator/",
      ["^src/certificates/"],
      "The simulator checks the gateway: it must not share its code. Certificates are made and read by a library.",
    ),
    onlySees(
      "client-requests",
      REQUESTS,
      [],
      "Requests are sent as any program would: nothing is shared with the gateway.",
    ),
    onlySees(
      "client",
      "^src/client/",
      ["^src/push/", "^src/gateway/", "^src/config/", REPORTS],
      "client/ finds a gateway by its configuration, asks it and reads its reports.",
    ),
    onlySees(
      "app",
      APP,
      ["^src/push/", "^src/gateway/", "^src/config/", ...ROOMS.map((room) => `^src/${room}/`)],
      "app wires the rooms; commands and the simulator are not its business.",
    ),
    onlySees(
      "cluster",
      "^src/cluster/",
      [APP, "^src/config/", "^src/gateway/", "^src/push/"],
      "cluster/ starts the app in several processes; commands print how that ended.",
    ),
    onlySees(
      "checklist",
      "^src/checklist/",
      [APP, REGISTRY, REPORTS, ...["checks", "client", "config", "gateway", "push"].map((room) => `^src/${room}/`)],
      "checklist/ gives each check what it needs of configuration, stores, providers and the running gateway.",
    ),
    onlySees(
      "demo",
      "^src/demo/",
      [APP, "^src/config/", "^src/simulator/", REQUESTS],
      "demo/ starts app and simulator, and asks the app as a platform would.",
    ),
    onlySees(
      "cli",
      "^src/cli/",
      [
        APP,
        REGISTRY,
        ...[
          "cluster",
          "demo",
          "import",
          "trace",
          "client",
          "certificates",
          "config",
          "simulator",
          "launcher",
          "checklist",
          "checks",
          "gateway",
          "push",
        ].map((room) => `^src/${room}/`),
      ],
      "Commands start the app; they do not build a part of it. Links are made and checks are run by commands alone.",
    ),
    onlySees("main", "^src/main\\.ts$", ["^src/cli/"], "main is the process: argv, signals, exit code."),
    {
      name: "every-file-has-a-room",
      comment: "A new folder in src/ needs its rule here.",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: [`^src/(?:push|gateway|${[...ROOMS, ...OTHERS].join("|")})/`, APP, "^src/main\\.ts$"],
      },
      to: {},
    },
    {
      name: "src-without-tests",
      comment: "What is shipped does not import what is not.",
      severity: "error",
      from: { path: "^src/", pathNot: TEST },
      to: { path: ["^(?:test|console|scripts|bench|examples)/", TEST] },
    },
    {
      name: "no-cycles",
      severity: "error",
      comment: "Find the third thing that both need.",
      from: { path: "^src/" },
      to: { circular: true },
    },
    {
      name: "no-dead-ends",
      severity: "error",
      comment: "The import leads nowhere.",
      from: { path: "^src/" },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // TypeScript 7 has no compiler API: without swc no TypeScript would be read, and nothing reported.
    parser: "swc",
    // An import of a type is an import.
    tsPreCompilationDeps: true,
    doNotFollow: { path: ["node_modules", "^(?:test|console|scripts|bench)/"] },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
