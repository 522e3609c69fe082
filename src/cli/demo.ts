import type { Command } from "commander";
import { DEMO_SUBSCRIBER, playDemo } from "../demo/play-demo.ts";
import { printCall, printLinesToTry, printScene } from "../demo/report.ts";
import { openStage } from "../demo/stage.ts";
import { createCommand, EXIT_CODES, runAction, writeJson, type CliIo } from "./output.ts";
import { awaitStopSignal } from "./stop-signal.ts";

interface DemoOptions {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

const HELP = `
Starts the gateway and a simulator that stands in for Apple and Google, registers two phones for
${DEMO_SUBSCRIBER}, sends what SEMS, the NGCP proxy and Prosody would send, and follows a call from a proxy that
waits for the phone; shows what the phones got.
Nothing leaves this machine and nothing is left on it.

Exit codes with --once: 0 both phones got everything, 1 they did not.`;

export function buildDemoCommand(io: CliIo): Command {
  return createCommand(io, "demo")
    .description("see a call travel from an application server to two phones")
    .option("--once", "end after the pushes instead of staying up")
    .option("--json", "print the result as JSON")
    .option("--verbose", "show the gateway's log, too, on standard error")
    .addHelpText("after", HELP)
    .action((options: DemoOptions) => runAction(io, () => runDemo(options, io)));
}

async function runDemo({ once = false, json = false, verbose = false }: DemoOptions, io: CliIo): Promise<number> {
  const say = (text: string): void => void (json ? undefined : io.stdout.write(text));
  const stopSignal = once ? undefined : awaitStopSignal();
  say("Starting a gateway, and a simulator of Apple and Google …\n\n");
  const log = verbose ? io.stderr : { write: () => undefined };
  await using stage = await openStage({ wellKnownPorts: !once, version: io.version, log });
  const result = await playDemo(stage, {
    onScene: (scene, number) => say(printScene(scene, number)),
    onCall: (call, number) => say(printCall(call, number)),
  });
  const { ok, gateway, simulator } = result;
  if (json) writeJson(io, result);
  say(
    ok ? "Both phones got everything.\n\n" : "A phone did not get its push: run again with --verbose to see why.\n\n",
  );
  if (stopSignal !== undefined) {
    say(printLinesToTry(gateway.tls, gateway.plain, simulator.control));
    await stopSignal;
  }
  return ok ? EXIT_CODES.ok : EXIT_CODES.notDone;
}
