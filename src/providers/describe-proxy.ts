/** Returns how an app reaches its provider, to be appended to its description. Omits the login. */
export function describeProxy(proxy: { readonly host: string; readonly port: number } | undefined): string {
  return proxy === undefined ? "" : `, through the proxy ${proxy.host}:${proxy.port}`;
}
