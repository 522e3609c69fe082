import type { TraceReport } from "../trace/trace-report.ts";
import { RefusedError, type GatewayClient } from "./gateway-client.ts";

/** `ref`: a SIP Call-ID, the id of a push, or `user@domain`. Returns an empty report for anything else. */
export async function askForTrace(client: GatewayClient, ref: string): Promise<TraceReport> {
  const path = `/v1/traces/${encodeURIComponent(ref)}`;
  try {
    return await client.request<TraceReport>({ method: "GET", path }, "calls");
  } catch (error) {
    if (error instanceof RefusedError && error.problem.field === "ref") return { calls: [], pushes: [] };
    throw error;
  }
}
