import type { Clock } from "../../gateway/clock.ts";
import { createRetryBudget } from "../../push/retry-budget.ts";
import type { ChannelAnswer } from "../channel/exchange.ts";
import type { Channel } from "../channel/channel.ts";
import type { Remedy } from "../outcome-row.ts";
import type { ProviderToken } from "./provider-token.ts";

export interface RemediesDeps {
  /** Undefined if the connection has a client certificate. */
  readonly token: ProviderToken | undefined;
  readonly channels: Iterable<Pick<Channel, "renew">>;
  readonly clock: Clock;
}

/** Token and connection with which a push was sent. */
export interface Usage {
  readonly providerToken: string | undefined;
  readonly connection: ChannelAnswer["connection"];
}

/** Returns true if the push is worth sending again at once. */
export type ApplyRemedy = (remedy: Remedy, usage: Usage) => Promise<boolean>;

/** Apple treats too many new connections as an attack. A few that end together are acceptable. */
const RECONNECTS = { share: 0, perSecond: 1, savings: 4 };

export function createRemedies({ token, channels, clock }: RemediesDeps): ApplyRemedy {
  const reconnects = createRetryBudget(RECONNECTS);
  /** The last token that Apple called expired over these connections. */
  let expired: string | undefined;

  /**
   * Apple keeps refusing on a connection that has seen an expired token, so connections are renewed once for each
   * token. Other apps share the token and may have had it replaced, and a wrong clock makes every token expire.
   */
  const renewToken = async ({ providerToken, connection }: Usage): Promise<boolean> => {
    if (token === undefined || providerToken === undefined) return false;
    token.expire(providerToken);
    if (expired !== providerToken) {
      expired = providerToken;
      for (const channel of channels) channel.renew();
    }
    return !connection.usable || (await token.read()) !== providerToken;
  };

  /** Several pushes may learn over one connection that it is unusable. */
  const reconnect = ({ connection }: Usage): boolean => {
    if (!connection.usable) return true;
    if (!reconnects.spend(clock())) return false;
    connection.drain();
    return true;
  };

  return async (remedy, usage) => {
    switch (remedy) {
      case "renew_token":
        return renewToken(usage);
      case "reconnect":
        return reconnect(usage);
      case "keep_token":
        if (usage.providerToken !== undefined) token?.keepOlder(usage.providerToken);
        return false;
    }
  };
}
