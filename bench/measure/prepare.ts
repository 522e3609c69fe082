import type { Gateway } from "../stage/gateway.ts";
import type { Party } from "../stage/party.ts";
import type { Stage } from "../stage/stage.ts";
import { countAccepted, measureLoad, type LoadPlan } from "./measure-load.ts";

const REGISTRATION_PATIENCE_MS = 60_000;
const REGISTRATION_TURNS = 10;

/** Registers the devices of all callees. Throws if one was refused. */
export async function registerDevices(stage: Stage, gateway: Gateway, callees: number, devices = 1): Promise<void> {
  const { target, device: template } = gateway;
  const count = callees * devices;
  const order = { target, template, first: 0, count, callees, connections: 16, patienceMs: REGISTRATION_PATIENCE_MS };
  let accepted = 0;
  // A busy machine makes the gateway refuse some. A repeated registration changes nothing.
  for (let turn = 0; accepted < count && turn < REGISTRATION_TURNS; turn += 1)
    accepted = countAccepted(await stage.load.ask(order));
  if (accepted < count) throw new Error(`${gateway.name} took ${accepted} of ${count} registrations.`);
}

/** Runs a load that is not measured, until the code is compiled. */
export async function warmUp(stage: Stage, party: Party, plan: LoadPlan): Promise<void> {
  const { accepted } = await measureLoad(stage, party, plan);
  if (accepted === 0) throw new Error(`${party.name} took none of ${plan.count} pushes.`);
}
