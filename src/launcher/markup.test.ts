import { expect, it } from "vitest";
import { fillIn, Html, markup } from "./markup.ts";

const HOSTILE = `<script>alert("1" & '2')</script>`;
const ESCAPED = "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;";

it("escapes text, in content and in attributes", () => {
  expect(String(markup`<p title="${HOSTILE}">${HOSTILE}</p>`)).toBe(`<p title="${ESCAPED}">${ESCAPED}</p>`);
});

it("leaves alone what is HTML already, and lists of it", () => {
  const items = ["a", "<b>"].map((text) => markup`<li>${text}</li>`);

  expect(String(markup`<ul>${items}${undefined}${new Html("<hr>")}</ul>`)).toBe(
    "<ul><li>a</li>\n<li>&lt;b&gt;</li><hr></ul>",
  );
});

it("puts HTML into a sentence whose own text is escaped", () => {
  const inner = markup`<strong>${"<you>"}</strong>`;

  expect(String(fillIn((to) => `Sent to ${to} & nobody else`, inner))).toBe(
    "Sent to <strong>&lt;you&gt;</strong> &amp; nobody else",
  );
});
