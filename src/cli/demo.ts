import type { Command } from "commander";
import { followCall } from "../demo/follow-call.ts";
import { printCall, printLinesToTry, printScene } from "../demo/report.ts";
import { createAndroid, createIphone, registerPhone, type Phone } from "../demo/phones.ts";
import { playScene, type SceneResult } from "../demo/play-scene.ts";
import { buildScenes } from "../demo/scenes.ts";
import { openStage, type Stage } from "../demo/stage.ts";
import { createCommand, EXIT_CODES, runAction, writeJson, type CliIo } from "./output.ts";
import { awaitStopSignal } from "./stop-signal.ts";
import { readVersion } from "./version.ts";

interface DemoOptions {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

const USER = "alice";
const DOMAIN = "example.org";
const AOR = `${USER}@${DOMAIN}`;

const HELP = `
Starts the gateway and a simulator that stands in for Apple and Google, registers two phones for
${AOR}, sends what SEMS, the NGCP proxy and Prosody would send, and follows a call from a proxy that
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
  await using stage = await openStage({ wellKnownPorts: !once, version: readVersion(), log });
  const phones = [createIphone(), createAndroid()] as const;
  for (const phone of phones) await registerPhone(stage.plain, AOR, phone);
  const results = await playScenes(stage, phones, (result, number) => say(printScene(result, number)));
  const [winner, loser] = phones;
  const { mailbox } = stage.simulator;
  const call = await followCall({ target: stage.plain, subscriber: AOR, winner, loser, mailbox });
  say(printCall(call, results.length + 1));
  const areSent = results.every(({ status, phones: to }) => status === 200 && to.every(({ received }) => received));
  const ok = areSent && call.ok;
  const [tls, plain] = [stage.tls, stage.plain].map(({ url }) => url.origin.replace("127.0.0.1", "localhost"));
  const { control } = stage.simulator;
  if (json) writeJson(io, { ok, gateway: { tls, plain }, simulator: { control }, scenes: results, call });
  say(
    ok ? "Both phones got everything.\n\n" : "A phone did not get its push: run again with --verbose to see why.\n\n",
  );
  if (stopSignal !== undefined) {
    say(printLinesToTry(tls ?? "", plain ?? "", control));
    await stopSignal;
  }
  return ok ? EXIT_CODES.ok : EXIT_CODES.notDone;
}

async function playScenes(
  stage: Stage,
  phones: readonly Phone[],
  show: (result: SceneResult, number: number) => void,
): Promise<SceneResult[]> {
  const results: SceneResult[] = [];
  for (const scene of buildScenes(USER, DOMAIN)) {
    const result = await playScene(scene, stage[scene.listener], phones, stage.simulator.mailbox);
    results.push(result);
    show(result, results.length);
  }
  return results;
}
