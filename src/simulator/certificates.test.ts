import { X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { readAppleRights } from "../certificates/apple-rights.ts";
import { createSimulatorPki, PROVIDER_NAMES } from "./certificates.ts";

it("issues server certificates that carry every name and verify against the authority", () => {
  const pki = createSimulatorPki();

  const server = new X509Certificate(
    pki.issueServerCertificate({ names: [...PROVIDER_NAMES, "2001:db8::7"] }).certificate,
  );

  expect(server.verify(new X509Certificate(pki.ca).publicKey)).toBe(true);
  expect(server.checkIssued(new X509Certificate(pki.ca))).toBe(true);
  expect(server.checkHost("api.push.apple.com")).toBe("api.push.apple.com");
  expect(server.checkHost("api.example.org")).toBeUndefined();
  expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(server.checkIP("::1")).toBeDefined();
  expect(server.checkIP("2001:db8::7")).toBeDefined();
  expect(server.ca).toBe(false);
});

it("issues push certificates with Apple's subject, environments and topics", () => {
  const { certificate } = createSimulatorPki().issueApnsCertificate({ bundleId: "org.example.phone", teamId: "TEAM" });

  const parsed = new X509Certificate(certificate);
  const rights = readAppleRights(parsed);

  expect(parsed.subject.split("\n")).toEqual([
    "UID=org.example.phone",
    "CN=Apple Push Services: org.example.phone",
    "OU=TEAM",
  ]);
  expect(rights.environments).toEqual(["production", "sandbox"]);
  expect(rights.topics).toEqual(["org.example.phone", "org.example.phone.voip", "org.example.phone.complication"]);
});

it("leaves out the environments and topics that the caller does not want", () => {
  const { certificate } = createSimulatorPki().issueApnsCertificate({
    bundleId: "org.example.phone",
    environments: ["sandbox"],
    topics: [],
  });

  expect(readAppleRights(new X509Certificate(certificate))).toEqual({
    environments: ["sandbox"],
    topics: ["org.example.phone"],
    listedTopics: [],
  });
});

it("issues certificates that have expired", () => {
  const notAfter = new Date("2024-01-01T00:00:00Z");
  const { certificate } = createSimulatorPki().issueApnsCertificate({
    bundleId: "org.example.phone",
    notBefore: new Date("2023-01-01T00:00:00Z"),
    notAfter,
  });

  expect(new Date(new X509Certificate(certificate).validTo)).toEqual(notAfter);
});

it("makes an authority and two certificates in a blink", () => {
  const begin = performance.now();

  const pki = createSimulatorPki();
  pki.issueServerCertificate({ names: PROVIDER_NAMES });
  pki.issueApnsCertificate({ bundleId: "org.example.phone" });

  expect(performance.now() - begin).toBeLessThan(150);
});
