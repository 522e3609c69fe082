const LABELS: Readonly<Record<string, string>> = {
  CERTIFICATE: "a certificate",
  "TRUSTED CERTIFICATE": "a certificate",
  "X509 CERTIFICATE": "a certificate",
  "CERTIFICATE REQUEST": "a certificate request (CSR)",
  "NEW CERTIFICATE REQUEST": "a certificate request (CSR)",
  "PUBLIC KEY": "a public key",
  "RSA PUBLIC KEY": "a public key",
  "OPENSSH PRIVATE KEY": "a key of SSH",
  PKCS7: "a PKCS#7 bundle (.p7b)",
};

/** Says with its article what a text is that is not the wanted credential; undefined if nothing is known of it. */
export function identifyCredential(text: string): string | undefined {
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1];
  if (text.startsWith("{")) return identifyJson(text);
  if (label !== undefined) return LABELS[label] ?? identifyLabel(label);
  if (/<plist[\s>]/.test(text)) {
    return text.includes("GOOGLE_APP_ID") ? "the app's GoogleService-Info.plist" : "a property list of Apple's";
  }
  if (/^(?:key=)?(?:AAAA[\w-]{3,}:|AIza)[\w-]+$/.test(text)) return "a server key of Google's";
  return /^ssh-(?:rsa|ed25519) /.test(text) ? "a public key of SSH" : undefined;
}

function identifyLabel(label: string): string {
  if (label.endsWith("PRIVATE KEY")) return "a private key";
  return `PEM text of another sort (${label.toLowerCase()})`;
}

/** Google's console hands out several JSON files that look alike. */
function identifyJson(text: string): string {
  const json = parseObject(text);
  if (json === undefined) return "JSON text that is cut off or damaged";
  if ("project_info" in json) return "Google's google-services.json of the app";
  if ("installed" in json || "web" in json) return "an OAuth client of Google's";
  switch (json["type"]) {
    case "service_account":
      return "a service account of Google's";
    case "authorized_user":
      return "a user's login of gcloud";
    case "external_account":
      return "a workload identity of Google's";
    default:
      return "a JSON object of another sort";
  }
}

/** Undefined unless the text is a JSON object. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
