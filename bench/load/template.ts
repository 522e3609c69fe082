import type { RequestTemplate } from "./load-order.ts";

type Fill = (number: number) => string;

/** Returns a function that writes request `n` as HTTP/1.1. Templates are split once, because writing must be cheap. */
export function compileTemplate({ method, path, headers, body }: RequestTemplate, callees: number): Fill {
  const lines = Object.entries(headers).map(([name, value]) => `\r\n${name}: ${value}`);
  const head = compileText(`${method} ${path} HTTP/1.1\r\nHost: localhost${lines.join("")}`, callees);
  if (body === "") return (number) => `${head(number)}\r\n\r\n`;
  const fillBody = compileText(body, callees);
  return (number) => {
    const text = fillBody(number);
    return `${head(number)}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
  };
}

/** Fills `{n}`, `{callee}`, `{device}` and `{hex}`. */
function compileText(text: string, callees: number): Fill {
  const parts = text.split(/\{(n|callee|device|hex)\}/);
  return (number) => {
    let filled = "";
    for (let place = 0; place < parts.length; place += 2) {
      filled += parts[place] ?? "";
      const name = parts[place + 1];
      if (name !== undefined) filled += fillName(name, number, callees);
    }
    return filled;
  };
}

function fillName(name: string, number: number, callees: number): string {
  switch (name) {
    case "callee":
      return `u${number % callees}`;
    case "device":
      return `d${Math.floor(number / callees)}`;
    case "hex":
      return number.toString(16).padStart(64, "0");
    default:
      return String(number);
  }
}

/** Returns path and body of request `number`. */
export function fillTemplate({ path, body }: RequestTemplate, number: number, callees: number) {
  return { path: compileText(path, callees)(number), body: compileText(body, callees)(number) };
}
