import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import { GatewayError } from "../../gateway/errors.ts";
import type { Aor } from "../../push/address.ts";
import type { HttpDeps } from "../http-deps.ts";
import { leaveOutNotGiven } from "../leave-out.ts";
import { buildDeviceBody, DeviceBody, NewDeviceBody, readNewDevice } from "./device-body.ts";
import { readSubscriber } from "./read-path.ts";
import { DeviceParams, NoQuery, SubscriberParams } from "./schemas.ts";

const RegisteredBody = Type.Object({
  ...DeviceBody.properties,
  /** Devices that lost a token, or were removed, because of this registration. */
  displaced: Type.Array(Type.Object({ subscriber: Type.String(), device: Type.String() })),
});
const DeviceListBody = Type.Object({ devices: Type.Array(DeviceBody) });

const COLLECTION = "/v1/subscribers/:subscriber/devices";
const ITEM = `${COLLECTION}/:device`;

export type DeviceRouteDeps = Pick<HttpDeps, "registrations">;

export const deviceRoutes: FastifyPluginAsyncTypebox<DeviceRouteDeps> = async (app, { registrations }) => {
  leaveOutNotGiven(app);
  const of = { params: DeviceParams, querystring: NoQuery };

  app.put(
    ITEM,
    { schema: { ...of, body: NewDeviceBody, response: { 200: RegisteredBody, 201: RegisteredBody } } },
    async (request, reply) => {
      const subscriber = readSubscriber(request.params.subscriber);
      const { device, result } = await registrations.register(
        readNewDevice(subscriber, request.params.device, request.body),
        { keepOthers: request.body.keep_others },
      );
      const displaced = result.displaced.map((lost) => ({ subscriber: lost.subscriber, device: lost.deviceId }));
      return reply.code(result.created ? 201 : 200).send({ ...buildDeviceBody(device), displaced });
    },
  );

  app.get(ITEM, { schema: { ...of, response: { 200: DeviceBody } } }, async (request) => {
    const subscriber = readSubscriber(request.params.subscriber);
    const devices = await registrations.list(subscriber);
    const device = devices.find(({ id }) => id === request.params.device);
    if (device === undefined) throw noSuchDevice(subscriber, request.params.device);
    return buildDeviceBody(device);
  });

  app.delete(ITEM, { schema: of }, async (request, reply) => {
    const subscriber = readSubscriber(request.params.subscriber);
    const wasThere = await registrations.unregister(subscriber, request.params.device);
    if (!wasThere) throw noSuchDevice(subscriber, request.params.device);
    return reply.code(204).send();
  });

  app.get(
    COLLECTION,
    { schema: { params: SubscriberParams, querystring: NoQuery, response: { 200: DeviceListBody } } },
    async (request) => {
      const devices = await registrations.list(readSubscriber(request.params.subscriber));
      return { devices: devices.map(buildDeviceBody) };
    },
  );
};

function noSuchDevice(subscriber: Aor, device: string): GatewayError {
  return new GatewayError("not_found", `${subscriber} has no device ${device}.`, { field: "device" });
}
