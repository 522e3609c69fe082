/** Something that happened, and when. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly text: string;
}
