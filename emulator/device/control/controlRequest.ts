import { copy, load8 } from '#mem';
import {
  DEVICE_CONFIG_DEVICE_ID,
  loadDeviceConfigDriverType,
  loadDeviceConfigDriverVersion,
  loadDeviceConfigFeatures,
  loadDeviceConfigIfUp,
  loadDeviceConfigNumRxQueues,
  loadDeviceConfigNumTxQueues,
  loadRequestNewMtu,
  loadRequestReqId,
  REQUEST_BYTES,
  REQUEST_CONFIG,
  REQUEST_IF_UP,
} from '../../../shared/loops/layout';
import { load64 } from '../../../shared/u64';
import { HOST_PORT_REQUEST, loadHostPortSync } from '../loops/records';

/** The device config of request 3 (section 8). */
export interface DeviceConfig {
  readonly deviceId: bigint;
  readonly driverType: number;
  readonly driverVersion: number;
  readonly features: number;
  readonly numTxQueues: number;
  readonly numRxQueues: number;
  readonly ifUp: number;
}

/** A request as the host fetched it, with every interpretation of its union; `reqId` selects the valid one. */
export interface ControlRequest {
  readonly reqId: number;
  readonly newMtu: number;
  readonly ifUp: number;
  readonly config: DeviceConfig;
}

/** Copies the request from the sync area into private memory once, and decodes the copy. */
export function fetchRequest(port: number): ControlRequest {
  const request = port + HOST_PORT_REQUEST;
  copy(request, loadHostPortSync(port), REQUEST_BYTES);
  const config = request + REQUEST_CONFIG;
  return {
    reqId: loadRequestReqId(request),
    newMtu: loadRequestNewMtu(request),
    ifUp: load8(request + REQUEST_IF_UP),
    config: {
      deviceId: load64(config + DEVICE_CONFIG_DEVICE_ID),
      driverType: loadDeviceConfigDriverType(config),
      driverVersion: loadDeviceConfigDriverVersion(config),
      features: loadDeviceConfigFeatures(config),
      numTxQueues: loadDeviceConfigNumTxQueues(config),
      numRxQueues: loadDeviceConfigNumRxQueues(config),
      ifUp: loadDeviceConfigIfUp(config),
    },
  };
}
