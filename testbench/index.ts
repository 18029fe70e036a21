/**
 * The package's main entry, `avp-testbench`, for scenarios and other projects: the bench, its reports, and traffic.
 * @module avp-testbench
 */
export type {
  AppPort,
  AppPortSettings,
  Bench,
  BenchInstance,
  BenchNode,
  PciDevice,
  PlainMigrationOptions,
} from './api/bench';
export type { DropCause, DropCounts } from './api/drops';
export type { Expect, Measured } from './api/expect';
export type { FitCapture, FitOptions, UnfitCause } from './api/capture';
export type { BenchFaults, FaultOrder, FaultParameterMap, FaultReport, PutFault } from './api/faults';
export type {
  Expectation,
  MigrationReport,
  Mode,
  PortAccount,
  ScenarioResult,
  TrafficTotals,
  Verdict,
} from './api/result';
export type { Scenario, ScenarioText, Setting, TimeLimits } from './api/scenario';
export type { ExchangeOptions, ExchangeReport, FrameBytes, Load, LoadOptions, LoadReport } from './api/traffic';
export type { MigrationOptions } from '../emulator';
export type { ScenarioRun } from './common/order';
export type { Direction, Findings } from './explore/avp/judge';
export type { BurstStall, SteppedMigration, SteppedMigrationOptions } from './explore/avp/steppedMigration';
export type { TimelineEntry } from './explore/engine/report';
export type { Faults } from './faults/faults';
export type { FaultName } from './faults/registry';
export type { InlineBench } from './inline/bench';
export type { PlayerOptions, ReceivedFrames } from './inline/endpoints';
export type { FrameHandler } from './inline/frameReceiver';
export type { LiveMigration } from './inline/liveMigration';
export type { InlineLoad } from './inline/load';
export type { InlineInstance, InlineNode } from './inline/node';
export type { InlinePort } from './inline/port';
export type { AppEvent } from './inline/portWatch';
export type { Silence } from './inline/silence';
export type { SteppedBench } from './stepped/bench';
export { type LocalScenarioOrder, runScenario } from './run/runScenario';
export { scenario } from './run/scenario';
export * from './traffic/captureEndpoints';
export type { FrameCost } from './traffic/frameCost';
export * from './traffic/frameMark';
export * from './traffic/probeFrame';
export * from './traffic/recorder';
export * from './traffic/tap';
export * from './traffic/trafficGenerator';
export * from './traffic/trafficOracle';
export * from './traffic/udpFrame';
