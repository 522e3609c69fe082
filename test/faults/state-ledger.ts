import type { ProviderName } from "../../src/push/device.ts";
import type { PushState } from "../../src/push/push.ts";
import type { CounterEntry, StateEntry } from "./ledgers.ts";
import type { PushClient } from "./push-client.ts";

const AT_ONCE = 16;

/** Returns the gateway's state of each push, once it is quiet. */
export async function readStates(
  client: PushClient,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, StateEntry | null>> {
  const states = new Map<string, StateEntry | null>();
  const waiting = [...ids];
  const work = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const text = await client.get(`/v1/pushes/${id}`);
      states.set(id, text === undefined ? null : readState(text));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return states;
}

interface PushJson {
  readonly state: PushState;
  readonly reason?: string;
  readonly deadline: string;
  readonly deliveries: readonly {
    readonly provider: ProviderName;
    readonly state: PushState;
    readonly attempts: number;
    readonly reason?: string;
  }[];
}

function readState(text: string): StateEntry {
  const { state, reason, deadline, deliveries } = JSON.parse(text) as PushJson;
  return { state, ...(reason === undefined ? {} : { reason }), deadline: Date.parse(deadline), deliveries };
}

export interface MetricsPage extends CounterEntry {
  readonly queued: number;
  readonly unexpectedErrors: number;
}

export async function readMetrics(client: PushClient): Promise<MetricsPage> {
  const page = (await client.get("/metrics")) ?? "";
  return {
    accepted: sum(page, "sip_pushd_pushes_accepted_total"),
    ended: sum(page, "sip_pushd_pushes_ended_total"),
    leasesLost: sum(page, "sip_pushd_leases_lost_total"),
    attemptsDelivered: sum(page, "sip_pushd_attempts_total", 'outcome="delivered"'),
    queued: sum(page, "sip_pushd_queued_pushes"),
    unexpectedErrors: sum(page, "sip_pushd_unexpected_errors_total"),
  };
}

/** Sums all series of the metric whose labels contain the text. NaN if there are none: a missing gauge is not zero. */
function sum(page: string, metric: string, label = ""): number {
  const values = page.split("\n").flatMap((line) => {
    const [, name, labels = "", value] = /^([a-z_]+)(\{.*\})? ([^ ]+)$/.exec(line) ?? [];
    return name === metric && labels.includes(label) ? [Number(value)] : [];
  });
  return values.length === 0 ? Number.NaN : values.reduce((total, value) => total + value, 0);
}
