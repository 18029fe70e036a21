/**
 * The host side: devices, switches, compute nodes, migrations, captures.
 * @module avp-testbench/emulator
 */
export type { BufferAudit, RingEntries } from './device/memory/bufferAudit';
export * from './capture';
export type { AnswerPlan, AnswerPlanner, LoggedRequest } from './device/control/controlChannel';
export type { ControlRequest, DeviceConfig } from './device/control/controlRequest';
export * from './device/device';
export type {
  ControlCounters,
  HostDrop,
  MigrationCounters,
  RefusedCounters,
  RxDrops,
  TxDrops,
} from './device/counters';
export type { DeviceStats } from './device/deviceStats';
export { DeviceInspection, type Negotiated } from './device/inspection';
export { DeviceTampering } from './device/tampering';
export * from './network/endpoint';
export { Fabric, type FabricNode } from './network/fabric';
export type { FifoName } from './device/memory/hostLayout';
export type { HostMemory } from './device/memory/hostMemory';
export { memoryBarFor } from './device/memory/memoryPlan';
export type { MigrationNote, MigrationState } from './device/migration/migrationState';
export { Instance, type InstanceMigration } from './machine/instance';
export { Migration } from './machine/migration';
export type {
  MigrationEvent,
  MigrationOptions,
  MigrationOutcome,
  MigrationPhase,
  MigrationStep,
} from './machine/migrationTypes';
export { Nic, type NicHost, type NicOwner } from './machine/nic';
export * from './machine/nicSpec';
export * from './machine/node';
export type { OverwriteOptions } from './device/overwrite';
export type { BrokenCanary } from './device/memory/canaries';
export * from './machine/pciBus';
export type { PortVlan } from './network/portVlan';
export * from './device/settings';
export { Network, type ConnectOptions, type NetworkStats } from './network/network';
export { VirtualSwitch, type SwitchOptions } from './network/switch';
export { SWITCH_DROPS, SwitchPort, type SwitchDrop, type SwitchPortStats } from './network/switchPort';
export { flowHash } from './device/loops/flowHash';
export * from './machine/virtioNic';
