/** The company that runs a push service. */
export interface Vendor {
  readonly name: string;
  /** Web page that says whether the service works, without `https://`. */
  readonly statusPage: string;
}
