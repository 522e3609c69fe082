import { createAccounts, type AccountOrder, type AccountSettings } from "../../src/launcher/sign-up/accounts.ts";
import { createNgcpApi } from "../../src/launcher/sign-up/ngcp-api.ts";
import { BILLING_PROFILE_ID, RESELLER_ID, type NgcpServer } from "./ngcp/ngcp-server.ts";

const ACCOUNT_SETTINGS: AccountSettings = {
  resellerId: RESELLER_ID,
  billingProfileId: BILLING_PROFILE_ID,
  customerType: "sipaccount",
  domain: "example.org",
};

export const ADA = { name: "Ada Lovelace", email: "ada@example.org", phone: "+436641234567" } as const;

export function anOrder(overrides: Partial<AccountOrder> = {}): AccountOrder {
  return { person: ADA, externalId: "sip-pushd-ada", username: "adaadaadaa", password: "aB3ccccc-ddd", ...overrides };
}

/** Opens the sign-up's accounts at a fake NGCP, without pauses. */
export function openAccounts(ngcp: NgcpServer, settings: Partial<AccountSettings> = {}) {
  const { url, login, certificate: ca } = ngcp;
  const pauses: number[] = [];
  const accounts = createAccounts({
    api: createNgcpApi({ url, login, tls: { ca } }),
    settings: { ...ACCOUNT_SETTINGS, ...settings },
    sleep: async (ms) => void pauses.push(ms),
  });
  return { accounts, pauses };
}
