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
export { memoryBarFor, type MemoryPlan, type PlacedRun, type Segment } from './device/memory/memoryPlan';
export type { FifoKind, RunName } from './device/memory/memoryRuns';
export type { MigrationNote, MigrationState } from './device/migration/migrationState';
export { Instance, type InstanceMigration, type InstanceNode } from './machine/instance';
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
export type { PortVlan, VlanRule } from './network/portVlan';
export * from './device/settings';
export {
  type AddressHolder,
  type ConnectOptions,
  Network,
  type NetworkOwner,
  type NetworkStats,
} from './network/network';
export { type SwitchController, type SwitchOptions, VirtualSwitch } from './network/switch';
export { type PortChange, SWITCH_DROPS, SwitchPort, type SwitchDrop, type SwitchPortStats } from './network/switchPort';
export { flowHash } from './device/loops/flowHash';
export * from './machine/virtioNic';
