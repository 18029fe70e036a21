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
  /** Device id that the guest has read. */
  readonly deviceId: bigint;
  /** 1 DPDK, 2 kernel, 3 QEMU. */
  readonly driverType: number;
  /** release<<16 | major<<8 | minor (section 9). */
  readonly driverVersion: number;
  /** Features that the guest wants; bit 0 is VLAN offload. */
  readonly features: number;
  /** Transmit queues. */
  readonly numTxQueues: number;
  /** Receive queues. */
  readonly numRxQueues: number;
  /** 0 for a link that is down, otherwise up. */
  readonly ifUp: number;
}

/** A request as the host fetched it, with every interpretation of its union; `reqId` selects the valid one. */
export interface ControlRequest {
  /** 1 change MTU, 2 set link state, 3 set device configuration, 4 shut down. */
  readonly reqId: number;
  /** The MTU in bytes, in request 1. */
  readonly newMtu: number;
  /** The link state in request 2: 0 for down, otherwise up. */
  readonly ifUp: number;
  /** The device configuration in request 3. */
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
