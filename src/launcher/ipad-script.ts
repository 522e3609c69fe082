import { createHash } from "node:crypto";
import { Html, markup } from "./markup.ts";

/**
 * Opens the app on an iPad. Safari on iPadOS calls itself a Macintosh, and only the number of touch points, which no
 * request header carries, tells the two apart.
 */
const SCRIPT = `if (navigator.maxTouchPoints > 1) location.replace(document.querySelector("a.button").href);`;

export const IPAD_SCRIPT = markup`<script>${new Html(SCRIPT)}</script>`;

/** Source for `script-src` of a Content-Security-Policy that admits this script and no other. */
export const IPAD_SCRIPT_SOURCE = `'sha256-${createHash("sha256").update(SCRIPT).digest("base64")}'`;
