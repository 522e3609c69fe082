import { explanationBody } from "./explain-push.ts";
import { buildCallStory, buildPushStory, type Story } from "./story.ts";
import type { TraceReport } from "./trace-report.ts";

/** Returns the report with the conclusion and the explained troubles of each call and push, for programs. */
export function explainTrace({ calls, pushes }: TraceReport): object {
  return {
    calls: calls.map((call) => ({ ...call, ...storyBody(buildCallStory(call)) })),
    pushes: pushes.map((push) => ({ ...push, ...storyBody(buildPushStory(push)) })),
  };
}

function storyBody({ conclusion, troubles }: Story): object {
  const explained = troubles.map(({ phones, reason, explanation }) => ({
    phones,
    reason,
    explanation: explanationBody(explanation),
  }));
  return { conclusion, troubles: explained };
}
