import type { DocumentedAnswers } from "../src/providers/provider-module.ts";
import { PROVIDERS } from "../src/providers/providers.ts";
import { explainReason } from "../src/providers/explain-reason.ts";
import type { Explanation } from "../src/push/explanations/explanation.ts";
import { ATTEMPT_EXPLANATIONS } from "../src/push/explanations/gateway.ts";
import { UNREACHED_EXPLANATIONS } from "../src/push/explanations/unreached.ts";
import { STATUS_ROWS, type OutcomeRow, type Remedy } from "../src/providers/outcome-row.ts";

type Rows = Readonly<Record<string, OutcomeRow>>;

/** Returns the text of `docs/reference/provider-answers.md`: the outcome tables with the explanations. */
export function renderProviderAnswers(): string {
  return `# What Apple and Google answer, and what follows

<!-- Made from src/providers/*/outcome-table.ts and src/push/explanations/ by scripts/docs.ts. Do not edit. -->

Every documented answer has a row. The gateway's reaction follows from it and from the kind of push: a call is tried again as long as it rings,
a message as long as it is worth anything. \`sip-pushd send\` and \`sip-pushd queue show\` print the same explanations, with the likely cause and what to do.

| outcome | what follows |
|---|---|
| \`delivered\` | the provider has the push; whether the phone rang is not known to anybody |
| \`unregistered\` | the token is dead: it is forgotten, unless it was registered again since the provider found it dead, or many die at once |
| \`rejected\` | this push is given up. *Suspected*: the token stays, and many such answers at once raise an alarm |
| \`deferred\` | tried again: after \`Retry-After\` (an hour at most), or the pause named here, or a random growing one; never after the deadline |
| \`misconfigured\` | our credentials or settings are wrong: an alarm is raised, and the push tried again for ten minutes, a call as long as it rings, in case somebody mends it |

*Busy*: the provider itself is in trouble. Without \`Retry-After\` the pause before the next attempt is at least \`apns_busy_ms\` or \`fcm_busy_ms\` of
\`messages.retry\` (15 minutes, 10 seconds) or \`calls.retry\` (none, 1 second: [why](../adr/0013-shorten-providers-retry-pauses-for-calls-only.md)).

${PROVIDERS.map(({ answers }) => renderAnswers(answers)).join("\n")}
## Anything else

Answers without a word of the provider's, such as a proxy's page, and words that this version does not know, are judged by their status. They are counted
(\`sip_pushd_unknown_answers_total\`), and say nothing of a token for certain.

| status | outcome | what the gateway does |
|---|---|---|
${Object.entries<OutcomeRow>(STATUS_ROWS)
  .map(([status, row]) => `| ${status} | \`${row.kind}\` | ${describeDeed(row)} |`)
  .join("\n")}

## No answer

The gateway's own words where the provider had none. \`no_app_configured\`, \`app_not_served\` and \`bad_service_account\` are \`misconfigured\`, the others
\`deferred\`, whether nothing was sent or nobody knows (\`answer_lost\`): the push goes again with the same \`apns-id\` and \`push_id\`, so that the app can drop a repeat.

| word | meaning |
|---|---|
${Object.entries<Explanation>({ ...UNREACHED_EXPLANATIONS, ...ATTEMPT_EXPLANATIONS })
  .map(([word, { meaning }]) => `| \`${word}\` | ${meaning} |`)
  .join("\n")}
`;
}

function renderAnswers({ title, note, page, table }: DocumentedAnswers): string {
  return `## ${title}\n\n${note}\n\n${renderTable(table, page)}\n`;
}

function renderTable(rows: Rows, tablePage: string): string {
  const lines = Object.entries(rows).map(([reason, row]) => {
    const { status, kind, says, page = tablePage } = row;
    const how = says === undefined ? "" : `: ${says}`;
    const answer = `[\`${reason}\`](${page})${how}`;
    return `| ${status} | ${answer} | \`${kind}\` | ${explainReason(reason).meaning} | ${describeDeed(row)} |`;
  });
  const taken = `| 200 | [taken](${tablePage}) | \`delivered\` | The provider has the push. | ends the delivery |`;
  const head = ["| status | answer | outcome | meaning | what the gateway does |", "|---|---|---|---|---|"];
  return [...head, taken, ...lines].join("\n");
}

const REMEDIES = {
  renew_token: "sends it again at once with a new provider or access token, once; if that is refused too, ",
  reconnect: "sends it again at once over another connection; if that is refused too, ",
  keep_token: "goes back to the token before, if that still lives; ",
} as const satisfies Record<Remedy, string>;

function describeDeed(row: OutcomeRow): string {
  const first = row.remedy === undefined ? "" : REMEDIES[row.remedy];
  return first + describeEnd(row);
}

function describeEnd(row: OutcomeRow): string {
  switch (row.kind) {
    case "unregistered":
      return "forgets the token";
    case "rejected":
      return row.suspect === "token" ? "gives the push up, suspects the token" : "gives the push up";
    case "misconfigured":
      return row.scope === "device" ? "gives the push up, for this device" : "raises an alarm, tries again later";
    case "deferred": {
      const pause = row.pauseMs === undefined ? "" : ` after \`Retry-After\`, or ${row.pauseMs / 1000} s`;
      const scope = { device: "; other devices do not wait", app: "; the whole app waits", none: "" }[
        row.scope ?? "none"
      ];
      return `tries again later${row.busy === true ? " (busy)" : pause}${scope}`;
    }
  }
}
