import { textsIn } from "../languages/choose-texts.ts";
import type { SendMail } from "./mailer.ts";
import { buildCodeMail, buildCodeSms, buildLinkMail, buildLinkSms } from "./messages.ts";
import type { Person } from "./person.ts";
import type { SendSms } from "./sms-gateway.ts";

export interface SentLink {
  /** Address of the launch handler. */
  readonly url: string;
  /** Encrypted credentials in Base64. */
  readonly link: string;
}

/** Sends messages to the verified address or number. */
export interface Messenger {
  sendCode(person: Person, code: string): Promise<void>;
  sendLink(person: Person, link: SentLink): Promise<void>;
}

export function createMailMessenger(sendMail: SendMail, appName: string): Messenger {
  return {
    sendCode: ({ email, language }, code) => sendMail(email, buildCodeMail(code, appName, textsIn(language))),
    sendLink: ({ email, name, language }, { url, link }) =>
      sendMail(email, buildLinkMail(`${url}?c=${encodeURIComponent(link)}`, name, appName, textsIn(language))),
  };
}

export function createSmsMessenger(sendSms: SendSms, appName: string): Messenger {
  return {
    sendCode: (person, code) => sendSms(numberOf(person), buildCodeSms(code, appName, textsIn(person.language))),
    sendLink: (person, { url, link }) => sendSms(numberOf(person), buildLinkSms(url, link, appName)),
  };
}

function numberOf({ phone }: Person): string {
  if (phone === undefined) throw new Error("A sign-up by phone came without a number.");
  return phone;
}
