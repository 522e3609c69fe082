/** Checks that each relative link in a Markdown file leads to a file, and each anchor to a heading. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const PROJECT = join(import.meta.dirname, "..");

const FILES = ["*.md", "{docs,examples,src,test,scripts,deploy}/**/*.md"];
const LINK = /\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/gu;

interface Page {
  readonly text: string;
  readonly anchors: ReadonlySet<string>;
}

/** Returns one line for each broken link below `root`, with file, line and target; an empty list if there is none. */
export function findBrokenLinks(root: string): readonly string[] {
  const pages = new Map<string, Page>();
  const open = (path: string): Page => {
    const known = pages.get(path);
    if (known !== undefined) return known;
    const text = blankCode(readFileSync(join(root, path), "utf8"));
    const page = { text, anchors: readAnchors(text) };
    pages.set(path, page);
    return page;
  };

  return globSync(FILES, { cwd: root })
    .toSorted()
    .flatMap((path) => {
      const { text } = open(path);
      return [...text.replaceAll(/`[^`\n]*`/gu, blank).matchAll(LINK)].flatMap(({ 1: link = "", index }) => {
        const fault = findFault(root, path, link, open);
        return fault === undefined ? [] : [`${path}:${lineAt(text, index)}: ${fault}`];
      });
    });
}

function findFault(root: string, from: string, link: string, open: (path: string) => Page): string | undefined {
  if (/^[a-z][a-z+.-]*:/iu.test(link)) return undefined;
  const [target = "", anchor] = link.split("#");
  const path = target === "" ? from : relative(root, join(root, dirname(from), decodeURIComponent(target)));
  if (!existsSync(join(root, path))) return `no file ${path} (the link is ${link})`;
  if (anchor === undefined || !path.endsWith(".md") || open(path).anchors.has(anchor)) return undefined;
  return `${path} has no heading #${anchor}`;
}

/** Returns the anchors that GitHub gives the page's headings. A heading that comes again gets -1, -2 and so on. */
function readAnchors(text: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of text.matchAll(/^#{1,6} +(.+?) *#*$/gmu)) {
    const slug = slugOf(heading);
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

function slugOf(heading: string): string {
  const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, "$1").toLowerCase();
  return words.replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, "").replaceAll(" ", "-");
}

/** Blanks fenced blocks: a link or a heading in them is neither. Positions stay as they are. */
function blankCode(text: string): string {
  return text.replaceAll(/^ *```[^]*?^ *```$/gmu, blank);
}

const blank = (code: string): string => code.replaceAll(/[^\n]/gu, " ");

const lineAt = (text: string, index: number): number => text.slice(0, index).split("\n").length;

if (import.meta.main) {
  const faults = findBrokenLinks(PROJECT);
  console.log(faults.join("\n"));
  if (faults.length > 0) process.exitCode = 1;
}
