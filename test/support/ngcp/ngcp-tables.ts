/**
 * Fields of NGCP's resources, and which are required: ngcp-panel, `Form/Contact/Reseller`, `Form/Contract`,
 * `Form/Subscriber`.
 */
export interface Field {
  readonly type: "text" | "email" | "id" | "choice" | "number" | "phone";
  readonly required?: boolean;
  readonly maxLength?: number;
  readonly choices?: readonly string[];
}

export type Collection = "customercontacts" | "customers" | "domains" | "subscribers";

const text = (maxLength: number, required = false): Field => ({ type: "text", maxLength, required });

export const FIELDS: Readonly<Record<Collection, Readonly<Record<string, Field>>>> = {
  customercontacts: {
    firstname: text(127),
    lastname: text(127),
    email: { type: "email", required: true, maxLength: 255 },
    phonenumber: text(31),
    mobilenumber: text(31),
    reseller_id: { type: "id", required: true },
  },
  customers: {
    status: { type: "choice", required: true, choices: ["pending", "active", "locked", "terminated"] },
    contact_id: { type: "id", required: true },
    billing_profile_id: { type: "id", required: true },
    type: { type: "choice", required: true, choices: ["sipaccount", "pbxaccount"] },
    external_id: text(255),
    max_subscribers: { type: "number" },
  },
  domains: {},
  subscribers: {
    customer_id: { type: "id", required: true },
    domain_id: { type: "id", required: true },
    username: text(127, true),
    password: text(40, true),
    webusername: text(127),
    webpassword: text(40),
    email: { type: "email", maxLength: 255 },
    display_name: text(127),
    external_id: text(255),
    profile_id: { type: "id" },
    profile_set_id: { type: "id" },
    is_pbx_pilot: { type: "number" },
    administrative: { type: "number" },
    status: { type: "choice", choices: ["active", "locked", "terminated"] },
    primary_number: { type: "phone" },
  },
};

/** Filters of each list; `like` marks an SQL pattern. Other parameters are ignored. */
export const FILTERS: Readonly<Record<Collection, Readonly<Record<string, { field: string; like?: boolean }>>>> = {
  customercontacts: { email: { field: "email", like: true }, reseller_id: { field: "reseller_id" } },
  customers: { contact_id: { field: "contact_id" }, status: { field: "status" } },
  domains: { domain: { field: "domain", like: true } },
  subscribers: {
    customer_id: { field: "customer_id" },
    subscriber_external_id: { field: "external_id", like: true },
    username: { field: "username", like: true },
  },
};

/** Returns a value as a form shows it; "" for a missing one. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Returns why a value is invalid, or undefined if it is valid. */
export function findFault({ type, required = false, maxLength, choices }: Field, value: unknown): string | undefined {
  const written = textOf(value);
  if (written === "") return required ? "field is required" : undefined;
  switch (type) {
    case "id":
    case "number":
      return Number.isInteger(Number(value)) ? undefined : "Value must be an integer";
    case "choice":
      return choices?.includes(written) === true ? undefined : `'${written}' is not a valid value`;
    case "email":
      return /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(written)
        ? undefined
        : "Email should be of the format someuser@example.com";
    case "phone":
      return undefined;
    case "text":
      if (typeof value !== "string") return "not a text";
      return maxLength !== undefined && value.length > maxLength
        ? `Field should not exceed ${maxLength} characters`
        : undefined;
  }
}
