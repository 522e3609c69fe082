import type { Aor } from "../push/address.ts";
import type { Device, Environment, LearnedEnvironment, ProviderName } from "../push/device.ts";

/** NGCP's switches of the same names. */
export interface RegistrationRules {
  /** A device id belongs to one subscriber: registering it for another one removes the first registration. */
  readonly uniqueDeviceIds: boolean;
  /** A new device removes the subscriber's others. */
  readonly oneDevicePerSubscriber: boolean;
  /** This device's tokens stay with who else has them, too. Not where device ids are unique. */
  readonly keepOthers?: boolean;
}

export interface RegisterResult {
  /** False where the subscriber had this device before. */
  readonly created: boolean;
  /** What lost its tokens, or its place, to this registration. */
  readonly displaced: readonly { readonly subscriber: Aor; readonly deviceId: string }[];
  /** What was written in place of the environment that the app named: it had been learned of one of its tokens before. */
  readonly learned?: LearnedEnvironment;
}

/**
 * Who has which phone. Registering a token for another subscriber moves it, unless both may have it: `sharedUntil` says so of devices that
 * are learned from SIP registrations, `keepOthers` of others. Where device ids are unique, a token has exactly one owner.
 */
export interface DeviceStore {
  /** Writes the device whole, in place of one with the same id; only an environment that was learned of its token stays. */
  register(device: Device, rules: RegistrationRules): Promise<RegisterResult>;
  /** True where there was such a device. */
  unregister(subscriber: Aor, deviceId: string): Promise<boolean>;
  /** In the order of registration. */
  list(subscriber: Aor): Promise<readonly Device[]>;
  /** The device that has a token, of several the one that registered it last; undefined where nobody has it. */
  findOwner(provider: ProviderName, token: string): Promise<Device | undefined>;
  /**
   * Forgets a dead token of one device, unless it was registered at or after `notRegisteredSince` (epoch milliseconds). A device without
   * tokens goes with it. Answers the device that had it, undefined where nothing was done: until then others may have it, too.
   */
  prune(provider: ProviderName, token: string, notRegisteredSince: number): Promise<Device | undefined>;
  /**
   * The provider gave the phone a new token in place of an old one. Where the new one has an owner already, it is the same
   * phone, registered anew: that owner keeps it, and the old one goes. Undefined where nobody has the old one. Others who share the old
   * one keep it until the provider calls it dead.
   */
  replaceToken(provider: ProviderName, oldToken: string, newToken: string): Promise<Device | undefined>;
  /**
   * Corrects the environment of a device that has the token now, and marks it as learned. Answers the corrected device;
   * undefined where nobody has the token any more, or who has it says so already.
   */
  learnEnvironment(provider: ProviderName, token: string, environment: Environment): Promise<Device | undefined>;
}
