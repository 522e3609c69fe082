/** What a fault run keeps its pushes in. */
export interface StoreUnderTest extends AsyncDisposable {
  /** As in the report. */
  readonly name: string;
  /** The value of `store:` in the gateway's configuration. */
  readonly section: string;
}

/** Makes an empty store for one run; its files may go into the directory. */
export type OpenStore = (directory: string) => Promise<StoreUnderTest>;

export const openSqliteUnderTest: OpenStore = async () => ({
  name: "sqlite",
  section: "{ kind: sqlite, path: sip-pushd.db }",
  [Symbol.asyncDispose]: async () => undefined,
});
