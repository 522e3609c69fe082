import type { CredentialDeps } from "../credentials/certificate-pair.ts";
import { quote } from "../problem.ts";

/** Reads an https URL that people follow. `withoutQuery`: the gateway will append a query. */
export function readPlainUrl(
  section: object,
  key: string,
  text: string | undefined,
  { report }: Pick<CredentialDeps, "report">,
  { withoutQuery = false } = {},
): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  const isPlain = url?.protocol === "https:" && url.username === "" && url.password === "" && url.hash === "";
  if (isPlain && !(withoutQuery && url.search !== "")) return url.href;
  const message = withoutQuery ? "expected an https URL without a query" : "expected an https URL";
  report.error(section, key, { message, found: quote(text), mend: `write ${key}: https://…` });
  return undefined;
}
