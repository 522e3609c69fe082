import { InvalidArgumentError, type Command } from "commander";
import { shortenToken } from "../push/device.ts";
import type { Attempt } from "../simulator/mailbox.ts";
import { startSimulator, type Simulator, type SimulatorPorts } from "../simulator/simulator.ts";
import { CliError, createCommand, EXIT_CODES, formatTable, runAction, writeJson, type CliIo } from "./output.ts";
import { writeSimulatedSetup } from "../demo/simulated-setup.ts";
import { awaitStopSignal } from "./stop-signal.ts";

interface SimulateOptions {
  readonly dir: string;
  readonly port: number;
  readonly json?: boolean;
  readonly gcmRetired?: boolean;
}

const HELP = `
Plays Apple (APNs, production and sandbox) and Google (FCM with its OAuth, and the old GCM) on this machine. It refuses
what they refuse. Certificates, keys and a config.yml that points a gateway at it are written to a folder:

  sip-pushd simulate --dir certs
  sip-pushd serve --config certs/config.yml          (in another terminal)
  sip-pushd devices add alice@example.org phone --provider fcm \\
      --token "$(openssl rand -base64 96 | tr -dc 'a-zA-Z0-9')"
  sip-pushd send alice@example.org
  curl http://127.0.0.1:45100/deliveries             (what the phones got)

How it answers a token, what its connections do and which certificate it shows can be set on the control address
(PUT /tokens/TOKEN, /connections/SERVER, /certificate/KIND), see docs/reference/simulator.md.`;

export function buildSimulateCommand(io: CliIo): Command {
  return createCommand(io, "simulate")
    .description("run a stand-in for Apple and Google")
    .option("--dir <folder>", "where certificates, keys and config.yml are written", "certs")
    .option("--port <number>", "control address; the next ones are APNs, its sandbox, FCM (0: any)", readPort, 45_100)
    .option("--gcm-retired", "answer legacy GCM requests as Google does since 2024")
    .option("--json", "print the addresses as JSON, and one JSON line for each push")
    .addHelpText("after", HELP)
    .action((options: SimulateOptions) => runAction(io, () => simulate(options, io)));
}

function readPort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_532) throw new InvalidArgumentError("a port from 0 to 65532");
  return port;
}

async function simulate({ dir, port, gcmRetired = false, json = false }: SimulateOptions, io: CliIo): Promise<number> {
  const stopSignal = awaitStopSignal();
  const show = (attempt: Attempt): void =>
    void io.stdout.write(json ? `${JSON.stringify(attempt)}\n` : printAttempt(attempt));
  await using simulator = await startSimulator({ ports: choosePorts(port), gcmRetired, onAttempt: show }).catch(
    (error: unknown) => {
      throw describeTakenPort(error, port) ?? error;
    },
  );
  const { apns, fcm, gcm, control } = simulator;
  const config = await writeSimulatedSetup(simulator, dir, { tls: 45_060, plain: 45_059 });
  if (json) writeJson(io, { apns, fcm, gcm, control, config });
  else io.stdout.write(printAddresses(simulator, config));
  await stopSignal;
  return EXIT_CODES.ok;
}

function choosePorts(port: number): SimulatorPorts {
  if (port === 0) return {};
  return { control: port, apnsProduction: port + 1, apnsSandbox: port + 2, google: port + 3 };
}

const LISTEN_FAULTS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program uses it, perhaps a second simulator",
  EACCES: "this user may not use it",
};

/** Returns the error for the person at the terminal, or undefined if the cause is not a port. */
function describeTakenPort(error: unknown, port: number): CliError | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("port" in error)) return undefined;
  const reason = LISTEN_FAULTS[String(error.code)];
  if (reason === undefined) return undefined;
  return new CliError("port_taken", `The simulator cannot listen on port ${String(error.port)}: ${reason}.`, {
    mend: `It needs four ports, ${port} to ${port + 3}. Look who has that one with 'ss -tanp', or choose other ports with --port (--port 0: any).`,
    cause: error,
  });
}

function printAddresses({ apns, fcm, gcm, control }: Simulator, config: string): string {
  const rows = [
    ["APNs production", apns.production],
    ["APNs sandbox", apns.sandbox],
    ["FCM", fcm.origin],
    ["FCM tokens", fcm.tokenEndpoint],
    ["GCM", gcm.endpoint],
    ["control", control],
  ];
  const table = formatTable(rows).map((row) => `  ${row}`);
  return `${table.join("\n")}\n\nA gateway for it: sip-pushd serve --config ${config}\nPushes are shown as they come; Ctrl-C ends it.\n\n`;
}

function printAttempt({ receivedAt, provider, token, fate, answer }: Attempt): string {
  const time = new Date(receivedAt).toISOString().slice(11, 23);
  const { status, reason } = answer;
  const row = [time, provider, shortenToken(token), fate, String(status ?? answer.transport), reason ?? ""];
  return `${row.join("  ").trimEnd()}\n`;
}
