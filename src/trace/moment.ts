/** An event with its time. */
export interface Moment {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly text: string;
}
