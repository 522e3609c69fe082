import type { Explanations } from "./explanation.ts";

const TEST_TCP =
  "From the gateway's machine, test TCP to api.push.apple.com:443 and to fcm.googleapis.com:443, or to the endpoint that you configured.";
const TEST_TLS =
  "From the gateway's machine, look at what answers: openssl s_client -alpn h2 -connect api.push.apple.com:443 (or your endpoint).";
const PROXY_LOG = "Look into the proxy's log; it must allow CONNECT to Apple's and Google's hosts, port 443.";

/**
 * Reasons why the push did not reach the provider or was certainly not processed. Sending it again cannot create a
 * duplicate.
 */
export const UNREACHED_EXPLANATIONS = {
  not_reached: {
    meaning: "The gateway could not reach the provider: nothing was sent.",
    likelyCause: "The gateway was stopping, or something that has no word of its own; its log may know more.",
    whatToDo: `Try again. ${TEST_TCP}`,
  },
  dns_failed: {
    meaning: "The provider's name has no address: DNS did not answer, or does not know it.",
    likelyCause: "The machine's resolver is out of reach, or the configured endpoint is misspelt.",
    whatToDo: "From the gateway's machine, run: getent ahosts api.push.apple.com (or your endpoint); see resolv.conf.",
  },
  connection_refused: {
    meaning: "The provider's machine refused the connection: nobody listens at that port, or a firewall says so.",
    likelyCause:
      "A firewall that rejects instead of dropping, a wrong port in endpoint, or a simulator that is not running.",
    whatToDo: TEST_TCP,
  },
  network_unreachable: {
    meaning: "There is no way from the gateway's machine to the provider's: no route, or no network.",
    likelyCause: "The network is down, the default route is missing, or the machine has IPv6 addresses without IPv6.",
    whatToDo: "Look at 'ip route' and 'ip -6 route' on the gateway's machine. Behind a proxy, set proxy.",
  },
  connect_timeout: {
    meaning: "The connection to the provider was not ready in time: no answer, or a very slow one.",
    likelyCause: "A firewall that drops packets to port 443, or a network that is overloaded.",
    whatToDo: `${TEST_TCP} Apple's port 2197 (apns.endpoint_port) is often open where 443 is not.`,
  },
  connection_reset: {
    meaning: "The connection was ended from outside before the push could be sent.",
    likelyCause: "A firewall that inspects connections, or trouble at the provider.",
    whatToDo: `${TEST_TLS} If it lasts, ask who runs the firewall.`,
  },
  tls_untrusted: {
    meaning: "The other side's certificate comes from an authority that the gateway does not trust: nothing was sent.",
    likelyCause: "A proxy that opens TLS, a simulator without its ca_file, or a ca_file that is not the provider's.",
    whatToDo: `${TEST_TLS} Trust an authority of your own with ca_file; remove ca_file for Apple and Google themselves.`,
  },
  tls_expired: {
    meaning: "The other side's certificate has expired, or is not valid yet: nothing was sent.",
    likelyCause: "The clock of the gateway's machine is wrong; or a proxy or simulator has an old certificate.",
    whatToDo: `Check the machine's time ('timedatectl'). ${TEST_TLS}`,
  },
  tls_wrong_name: {
    meaning: "The other side's certificate is for another name than that of the endpoint: nothing was sent.",
    likelyCause: "The endpoint is an address or an alias, DNS leads to another machine, or a proxy opens TLS.",
    whatToDo: `Write the endpoint as the certificate has it. ${TEST_TLS}`,
  },
  tls_failed: {
    meaning: "No TLS connection came about: the two sides found no common ground, or the other one speaks no TLS.",
    likelyCause: "A wrong port in endpoint, a plain HTTP server there, or a certificate and key that do not fit.",
    whatToDo: `Run 'sip-pushd config check' on the configuration. ${TEST_TLS}`,
  },
  client_certificate_refused: {
    meaning: "The provider ended the connection because of the gateway's own certificate.",
    likelyCause: "The push certificate was revoked or has expired, or is not one of Apple's.",
    whatToDo:
      "Make a new certificate in Apple's developer site, and name it in apns.certificate; a key does not expire.",
  },
  not_http2: {
    meaning: "The other side does not speak HTTP/2 as the provider does.",
    likelyCause: "A proxy that opens TLS, or the configured endpoint is another kind of server.",
    whatToDo: `Check the configured endpoint. ${TEST_TLS}`,
  },
  proxy_not_reached: {
    meaning: "The configured proxy cannot be reached: nothing was sent.",
    likelyCause: "The proxy is down, or its host or port in the setting proxy is wrong.",
    whatToDo: "From the gateway's machine, test TCP to the proxy's host and port; check the setting proxy.",
  },
  proxy_refused: {
    meaning: "The configured proxy did not open a way to the provider.",
    likelyCause: "Its rules do not allow CONNECT to that host or port, or it cannot reach the provider itself.",
    whatToDo: PROXY_LOG,
  },
  proxy_login_refused: {
    meaning: "The configured proxy wants a login, or another one (HTTP 407).",
    likelyCause: "User or password in the setting proxy are missing or wrong; special characters must be %-encoded.",
    whatToDo: "Write proxy: http://user:password@host:port. Only Basic authentication is spoken.",
  },
  streams_refused: {
    meaning: "The provider took the connection and refused the push on it, again and again.",
    likelyCause: "The provider is overloaded, or is about to restart.",
    whatToDo: "Try again. If it lasts, look at the provider's status page.",
  },
  no_room: {
    meaning: "More pushes wait for the provider than it takes at a time: this one did not get its turn.",
    likelyCause: "A very large burst, or a provider that answers slowly.",
    whatToDo: "Look at the gateway's metrics for how long the provider takes to answer; spread bursts over time.",
  },
} as const satisfies Explanations;

export type UnreachedReason = keyof typeof UNREACHED_EXPLANATIONS;
