import { ok, skipped, warning, type Finding } from "../push/finding.ts";
import type { Check } from "./check.ts";

/** Ports that the kernel uses as local ends of outgoing connections. */
export interface KernelPorts {
  /** First and last port, both included. */
  readonly range: readonly [first: number, last: number];
  /** Reserved ranges, both ends included. */
  readonly reserved: readonly (readonly [first: number, last: number])[];
}

export interface PortsCheckInput {
  /** 0 for any free port. */
  readonly ports: readonly number[];
  /** Returns undefined on a system without such files. */
  readonly readKernelPorts: () => KernelPorts | undefined;
}

export function createPortsCheck({ ports, readKernelPorts }: PortsCheckInput): Check {
  return {
    name: "ports",
    run: async () => {
      const fixed = [...new Set(ports)].filter((port) => port !== 0);
      const kernel = readKernelPorts();
      if (kernel === undefined) return [skipped("This system does not say which ports it uses for connections.")];
      if (fixed.length === 0) return [skipped("No listener has a fixed port.")];
      return [judge(fixed, kernel)];
    },
  };
}

function judge(ports: readonly number[], { range, reserved }: KernelPorts): Finding {
  const [first, last] = range;
  const isWithin = (port: number) => (part: readonly [number, number]) => part[0] <= port && port <= part[1];
  const exposed = ports.filter((port) => isWithin(port)(range) && !reserved.some(isWithin(port)));
  if (exposed.length === 0) return ok(`No outgoing connection can occupy ${list(ports)}.`);
  const setting = [...new Set([...reserved.map(print), ...exposed.map(String)])].join(",");
  return warning(
    `The listener ${list(exposed)} ${exposed.length === 1 ? "lies" : "lie"} in the range that the kernel uses for outgoing connections (${first}-${last}): such a connection keeps the gateway from starting.`,
    `Reserve ${exposed.length === 1 ? "it" : "them"}: sysctl -w net.ipv4.ip_local_reserved_ports=${setting}; for good, write that setting to a file in /etc/sysctl.d (deploy/sysctl.d has one for the default ports).`,
  );
}

function list(ports: readonly number[]): string {
  return `${ports.length === 1 ? "port" : "ports"} ${ports.join(", ")}`;
}

function print([first, last]: readonly [number, number]): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** Parses the texts of `ip_local_port_range` and `ip_local_reserved_ports`. */
export function parseKernelPorts(range: string, reserved: string): KernelPorts | undefined {
  const [first, last] = range.trim().split(/\s+/).map(Number);
  if (first === undefined || last === undefined || !Number.isInteger(first) || !Number.isInteger(last)) {
    return undefined;
  }
  const parts = reserved.trim() === "" ? [] : reserved.trim().split(",");
  return {
    range: [first, last],
    reserved: parts.flatMap((part): [number, number][] => {
      const [from = Number.NaN, to = from] = part.split("-").map(Number);
      return Number.isInteger(from) && Number.isInteger(to) ? [[from, to]] : [];
    }),
  };
}
