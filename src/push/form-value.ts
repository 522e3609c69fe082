import { decodePercent } from "./percent.ts";

/**
 * Meaning of a raw `+` in a form. Browsers write a space as `+`; scripts write addresses, numbers and Call-IDs
 * unencoded. A space has no place in these, and a phone must not move to another subscriber because its plus was lost.
 */
export type PlusMeaning = "address" | "name" | "text";

const ADDRESSES =
  /^(?:aor|callee|contact|device|device_id|domain|realm|to|user|sip_user_id|unique_key|(?:.*_)?token|.*call[_-]?id|push_id)$/;
const NAMES =
  /^(?:caller|from|display_name|phonenumber|caller_id|(?:(?:gcm_)?data[_.])?(?:sender_|room_|display_name).*)$/;

/** Returns the meaning for a field, by its name. */
export function plusMeaningOf(field: string): PlusMeaning {
  return ADDRESSES.test(field) ? "address" : NAMES.test(field) ? "name" : "text";
}

/** Longer values are treated as text, whatever their name. */
const LONGEST_ADDRESS = 32_768;
/** Marks a raw plus until its meaning is known. Decoded text contains no lone surrogates. */
const MARK = "\ud800";

/** Decodes a value of one character per byte. Returns undefined if a `%` does not start an escape. */
export function decodeFormValue(encoded: string, meaning: PlusMeaning): string | undefined {
  if (meaning === "text" || encoded.length > LONGEST_ADDRESS || !encoded.includes("+")) {
    return decodePercent(encoded, { plusIsSpace: true });
  }
  const pieces: string[] = [];
  for (const piece of encoded.split("+")) {
    const decoded = decodePercent(piece, { plusIsSpace: false });
    if (decoded === undefined) return undefined;
    pieces.push(decoded);
  }
  const text = pieces.join(MARK);
  return meaning === "name" && !isAddress(text) ? readName(text) : readAddress(text);
}

/** Like `decodeFormValue`, but a `%` that does not start an escape stands for itself. */
export function decodeLooseFormValue(encoded: string, meaning: PlusMeaning): string {
  return decodeFormValue(encoded.replace(/%(?![0-9a-f]{2})/gi, "%25"), meaning) ?? encoded;
}

function isAddress(text: string): boolean {
  return /^(?:sips?|tel|xmpp):/i.test(text) || /[@<]/.test(text);
}

/** A plus before a number is kept; between words it is a space. */
function readName(text: string): string {
  return text.replace(/^\ud800(?=\d)/, "+").replaceAll(MARK, " ");
}

/** Outside of brackets, in the display name and between contacts, a plus is a space. */
function readAddress(text: string): string {
  const isNameAddr = /^(?:[^"<]|"(?:[^"\\]|\\.)*")*</s.test(text) && !/^\s*(?:sips?|tel|xmpp):/i.test(text);
  let read = "";
  let place: "outside" | "name" | "value" | "brackets" = "outside";
  let before = "";
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === MARK) {
      const isSpace = place === "name" || (place === "outside" && isSeparator(before, isNameAddr));
      const isNumber = at === 0 && /\d/.test(text[1] ?? "");
      read += isSpace && !isNumber ? " " : "+";
      continue;
    }
    place = movePlace(place, character, before);
    read += character;
    if (character.trim() !== "") before = character;
  }
  return read;
}

/**
 * Returns true if a space may follow this character outside quotes and brackets. None does before a parameter such as
 * `+sip.instance`.
 */
function isSeparator(before: string, isNameAddr: boolean): boolean {
  return before === "," || (isNameAddr && before !== ";");
}

function movePlace<Place extends string>(place: Place, character: string, before: string) {
  switch (place) {
    case "outside":
      if (character === '"') return before === "=" ? "value" : "name";
      return character === "<" ? "brackets" : "outside";
    case "brackets":
      return character === ">" ? "outside" : "brackets";
    default:
      return character === '"' && before !== "\\" ? "outside" : place;
  }
}
