import type { DeviceRecords, StoredDevice } from "./device-records.ts";
import type { DeviceRef } from "./token-claims.ts";
import type { TokenOwners } from "./token-owners.ts";

export interface RemoveDeviceDeps {
  readonly records: DeviceRecords;
  readonly owners: TokenOwners;
}

/** Removes a device with its tokens. Returns false if there was none, or if it was to stay. */
export async function removeDevice(
  { records, owners }: RemoveDeviceDeps,
  { subscriber, id }: DeviceRef,
  mayGo: (device: StoredDevice) => boolean = () => true,
): Promise<boolean> {
  const { before, after } = await records.change(subscriber, id, (device) =>
    device !== undefined && mayGo(device) ? undefined : device,
  );
  if (before === after || before === undefined) return false;
  await owners.forget(before);
  return true;
}
