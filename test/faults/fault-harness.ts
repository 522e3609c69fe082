import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { ANY_TOKEN, type Behaviour } from "../../src/simulator/behaviour.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { writeSimulatorFiles } from "../../src/simulator/simulator-files.ts";
import { openClientLedger, type ClientLedger } from "./client-ledger.ts";
import { findFreePort } from "../fixtures/http-tools.ts";
import { writeGatewayConfig } from "./gateway-config.ts";
import { createGatewayRuns, type GatewayRuns } from "./gateway-runs.ts";
import type { Outage, RunRecord } from "./ledgers.ts";
import { createProviderLedger, type ProviderLedger } from "./provider-ledger.ts";
import { createPushClient, type PushClient } from "./push-client.ts";
import { createSeededRandom, type SeededRandom } from "./seeded-random.ts";
import { awaitQuiet, readRecord } from "./fixture-record.ts";
import { createSpreadClient } from "./spread-client.ts";
import type { OpenStore, StoreUnderTest } from "./store-under-test.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
import { buildSubscribers, registerDevices, type TestSubscriber } from "./subscribers.ts";

export interface FaultFixtureOptions {
  readonly openStore: OpenStore;
  readonly seed: number;
  /** Puts a link that can fail between gateway and Apple. */
  readonly hasLink?: boolean;
  /** Starts a second gateway on the same store; clients use both. */
  readonly hasPeer?: boolean;
  readonly clocksAheadMs?: readonly [number, number] | undefined;
  /** A module that every gateway loads first, which may kill it. */
  readonly deadlyPreload?: string | undefined;
  /** Domains with their own apps; other domains then have none. */
  readonly domains?: readonly string[] | undefined;
  /** Domains of the second gateway, if its configuration differs. */
  readonly peerDomains?: readonly string[] | undefined;
}

/** A gateway that may be killed, clients and a provider that may not, and the records of all of them. */
export interface FaultHarness extends AsyncDisposable {
  readonly port: number;
  readonly random: SeededRandom;
  readonly subscribers: readonly [TestSubscriber, ...TestSubscriber[]];
  readonly client: PushClient;
  readonly ledger: ClientLedger;
  readonly provider: ProviderLedger;
  readonly gateway: GatewayRuns;
  /** The second gateway, if the scenario asked for one. */
  readonly peer: GatewayRuns | undefined;
  readonly store: StoreUnderTest;
  /** Runs work that impairs the store. It must end with a working store. */
  noteOutage(how: Outage["how"], work: () => Promise<void>): Promise<Outage>;
  /** The link, if the scenario asked for one. */
  readonly link: TcpProxy | undefined;
  /** Directory of the gateway's files. */
  readonly directory: string;
  /** Sets the provider's behaviour for all later requests. */
  behave(behaviour: Behaviour): void;
  /** Sets its behaviour for requests with these tokens; undefined returns to the common one. */
  behaveTo(tokens: readonly string[], behaviour: Behaviour | undefined): void;
  /** Registers phones of further subscribers in another domain. */
  addSubscribers(count: number, domain: string): Promise<readonly [TestSubscriber, ...TestSubscriber[]]>;
  /** Rewrites the second gateway's configuration for its next start. */
  configurePeer(domains: readonly string[]): Promise<void>;
  /** Disposes the resource with the fixture, before the gateway. */
  use<T extends AsyncDisposable>(resource: T): T;
  /** Waits until nothing is pending or in progress. */
  awaitQuiet(timeoutMs: number): Promise<void>;
  /** Call when everything is quiet. */
  readRecord(): Promise<RunRecord>;
}

const SUBSCRIBERS = 100;
/**
 * More than any scenario has requests in progress, so that none waits in the client and is taken for one that the
 * gateway has.
 */
const CONNECTIONS = 128;

export async function openFaultHarness({
  openStore,
  seed,
  hasLink = false,
  hasPeer = false,
  clocksAheadMs = [0, 0],
  deadlyPreload,
  domains,
  peerDomains = domains,
}: FaultFixtureOptions): Promise<FaultHarness> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "sip-pushd-faults-"));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const provider = createProviderLedger();
  const simulator = opened.use(await startSimulator({ onAttempt: (attempt) => provider.record(attempt) }));
  const store = opened.use(await openStore(directory));
  const port = await findFreePort();
  const link = hasLink ? opened.use(await startTcpProxy({ port: portOf(simulator.apns.production) })) : undefined;
  await writeSimulatorFiles(simulator, directory);
  const openGateway = async (
    ownPort: number,
    storeSection: string,
    ownDomains: FaultFixtureOptions["domains"],
    clockAheadMs: number,
  ) => {
    const configure = (domains: FaultFixtureOptions["domains"]) =>
      writeGatewayConfig({ directory, simulator, port: ownPort, link, storeSection, domains });
    const configFile = await configure(ownDomains);
    const runs = opened.use(createGatewayRuns({ configFile, hasPeer, clockAheadMs, deadlyPreload }));
    await runs.start();
    return { runs, configure, client: createPushClient({ port: ownPort, connections: CONNECTIONS }) };
  };
  const first = await openGateway(port, store.section, domains, clocksAheadMs[0]);
  const openPeer = async () =>
    openGateway(await findFreePort(), store.peerSection ?? store.section, peerDomains, clocksAheadMs[1]);
  const second = hasPeer ? await openPeer() : undefined;
  const gateways = second === undefined ? [first] : [first, second];
  const client = opened.use(second === undefined ? first.client : createSpreadClient([first.client, second.client]));
  const ledger = opened.use(openClientLedger(join(directory, "client.jsonl")));
  const [subscriber, ...others] = buildSubscribers(SUBSCRIBERS);
  if (subscriber === undefined) throw new Error("there has to be a subscriber");
  await registerDevices(client, [subscriber, ...others]);
  const lag = monitorEventLoopDelay({ resolution: 10 });
  lag.enable();
  opened.defer(() => void lag.disable());
  const outages: Outage[] = [];
  const fixture = opened.move();
  return {
    port,
    random: createSeededRandom(seed),
    subscribers: [subscriber, ...others],
    client,
    ledger,
    provider,
    gateway: first.runs,
    peer: second?.runs,
    store,
    async noteOutage(how, work) {
      const at = Date.now();
      await work();
      const outage = { how, at, readyAt: Date.now() };
      outages.push(outage);
      return outage;
    },
    link,
    directory,
    behave(behaviour) {
      provider.noteBehaviour(behaviour);
      simulator.script(ANY_TOKEN, behaviour);
    },
    behaveTo(tokens, behaviour) {
      for (const token of tokens) {
        if (behaviour === undefined) simulator.forget(token);
        else simulator.script(token, behaviour);
      }
    },
    async addSubscribers(count, domain) {
      const [one, ...more] = buildSubscribers(count, domain);
      if (one === undefined) throw new Error("there has to be a subscriber");
      await registerDevices(client, [one, ...more]);
      return [one, ...more];
    },
    async configurePeer(wanted) {
      await second?.configure(wanted);
    },
    use: (resource) => fixture.use(resource),
    awaitQuiet: (timeoutMs) => awaitQuiet({ client, ledger, gateways }, timeoutMs),
    readRecord: () => readRecord({ client, ledger, provider, gateways, outages, oracleLagMs: () => lag.max / 1e6 }),
    [Symbol.asyncDispose]: () => fixture.disposeAsync(),
  };
}

function portOf(origin: string): number {
  return Number(new URL(origin).port);
}
