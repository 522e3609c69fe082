import type { CallResult } from "./follow-call.ts";
import type { PhoneResult, SceneResult } from "./play-scene.ts";

export function printScene({ title, request, status, answeredInMs, phones }: SceneResult, number: number): string {
  const lines = [
    `${number}. ${title}`,
    `   ${request}`,
    `   answered ${status} after ${answeredInMs} ms`,
    ...phones.map(printPhone),
  ];
  return `${lines.join("\n")}\n\n`;
}

/** Returns the story of a call as text. */
export function printCall({ title, request, steps, ok }: CallResult, number: number): string {
  const lines = [
    `${number}. ${title}`,
    `   ${request}`,
    ...steps.map(({ afterMs, what }) => `   ${ok ? "✔" : "✖"} ${what}\n              ${afterMs} ms after the request`),
  ];
  return `${lines.join("\n")}\n\n`;
}

function printPhone({ phone, received, ms, shows, how }: PhoneResult): string {
  if (!received) return `   ✖ ${phone.padEnd(8)} got nothing`;
  return `   ✔ ${phone.padEnd(8)} ${shows}\n              ${ms} ms after the request, by ${how}`;
}

/** Returns lines to paste into another terminal while the demo runs. */
export function printLinesToTry(tls: string, plain: string, control: string): string {
  return `The gateway stays up. Lines to try in another terminal:

  a call, as SEMS asks for it
    curl -k "${tls}/push?caller=+4315551234&callee=alice&domain=example.org"
  a call, as the NGCP proxy asks for it
    curl "${plain}/push" -d "caller=%2B43199001&callee=alice&domain=example.org&"
  a call that is waited for until a phone registers, and the phone's REGISTER as a proxy relays it
    curl "${plain}/v1/calls" -H 'Prefer: wait=20' -d "call_id=c-1&callee=alice@example.org&caller=%2B43199001" &
    curl "${plain}/v1/registrations" -d "aor=alice@example.org&contact=<sip:alice@192.0.2.7>"
    sip-pushd trace c-1 --url ${plain}
  a message
    curl "${plain}/v1/pushes" -H 'content-type: application/json' \\
      -d '{"callee": "alice@example.org", "kind": "message", "caller": "bob@example.org", "alert": "Lunch?"}'
  alice's phones, and what they got
    curl "${plain}/v1/subscribers/alice@example.org/devices"
    curl "${control}/deliveries"
  metrics
    curl "${plain}/metrics"
  a test push by the command line
    sip-pushd send alice@example.org --url ${plain}

Ctrl-C ends it.
`;
}
