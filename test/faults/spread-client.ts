import type { PushClient } from "./push-client.ts";

/** Behaves like a proxy in front of several gateways: pushes go to them in turn, queries to the first that answers. */
export function createSpreadClient(clients: readonly [PushClient, ...PushClient[]]): PushClient {
  let turn = 0;

  async function askAny<T>(ask: (client: PushClient) => Promise<T>): Promise<T> {
    const [first, ...others] = clients;
    let answer = ask(first);
    for (const other of others) answer = answer.catch(() => ask(other));
    return answer;
  }

  return {
    async post(body, waitSeconds) {
      turn += 1;
      return (clients[turn % clients.length] ?? clients[0]).post(body, waitSeconds);
    },
    put: (path, body) => askAny((client) => client.put(path, body)),
    get: (path) => askAny((client) => client.get(path)),
    [Symbol.dispose]: () => {
      for (const client of clients) client[Symbol.dispose]();
    },
  };
}
