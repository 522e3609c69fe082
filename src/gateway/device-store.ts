import type { Aor } from "../push/address.ts";
import type { Device, Environment, LearnedEnvironment, ProviderName } from "../push/device.ts";

/** NGCP's settings of the same names. */
export interface RegistrationRules {
  /** A device id belongs to one subscriber: registering it for another one removes the first registration. */
  readonly uniqueDeviceIds: boolean;
  /** A new device removes the subscriber's others. */
  readonly oneDevicePerSubscriber: boolean;
  /** Other owners of this device's tokens keep them. Ignored if device ids are unique. */
  readonly keepOthers?: boolean;
}

export interface RegisterResult {
  /** False if the subscriber had this device before. */
  readonly created: boolean;
  /** Devices that lost their tokens, or were removed, because of this registration. */
  readonly displaced: readonly { readonly subscriber: Aor; readonly deviceId: string }[];
  /** Environment that was written instead of the app's, because it had been learned for one of the tokens. */
  readonly learned?: LearnedEnvironment;
}

/**
 * Devices of all subscribers. Registering a token for another subscriber moves it, unless both may have it:
 * `sharedUntil` decides for devices learned from SIP registrations, `keepOthers` for others. If device ids are unique,
 * a token has exactly one owner.
 */
export interface DeviceStore {
  /** Writes the whole device and replaces one with the same id. Only a learned environment of its token is kept. */
  register(device: Device, rules: RegistrationRules): Promise<RegisterResult>;
  /** Returns false if there was no such device. */
  unregister(subscriber: Aor, deviceId: string): Promise<boolean>;
  /** Returns the devices in order of registration. */
  list(subscriber: Aor): Promise<readonly Device[]>;
  /** Returns the device that registered the token last, or undefined if none has it. */
  findOwner(provider: ProviderName, token: string): Promise<Device | undefined>;
  /**
   * Removes a dead token from one device, unless it was registered at or after `notRegisteredSince` (epoch
   * milliseconds). A device without tokens is removed. Returns the device that had it, or undefined if none did; other
   * devices may have it until then.
   */
  prune(provider: ProviderName, token: string, notRegisteredSince: number): Promise<Device | undefined>;
  /**
   * Replaces a token that the provider has renewed, for all devices that have it: those that share the old token share
   * the new one for as long. If the new token has an owner already, that is the same phone, registered again: the owner
   * keeps it, devices of the same installation share it, and any other device loses the old token. Returns the owner of
   * the new token, or undefined if no device has the old token.
   */
  replaceToken(provider: ProviderName, oldToken: string, newToken: string): Promise<Device | undefined>;
  /**
   * Corrects the environment of a device that has the token now, and marks it as learned. Returns the corrected device,
   * or undefined if no device has the token any more or its owner has that environment already.
   */
  learnEnvironment(provider: ProviderName, token: string, environment: Environment): Promise<Device | undefined>;
}
