/** What scenarios and other projects import as `avp-testbench`. */
export type { AppPort, AppPortSettings } from './appPort';
export type { AppEvent } from './portWatch';
export type { Bench } from './bench';
export type { CommonBench, MigrationReport } from './common';
export type { ExchangeOptions, ExchangeReport } from './exchange';
export type { BenchInstance, PciDevice } from './instance';
export type { LiveMigration } from './liveMigration';
export type { Load, LoadOptions, LoadReport } from './load';
export type { BenchNode } from './node';
export type { Expectation, PortAccount, ScenarioResult } from './result';
export type { MigrationOptions } from '../../emulator';
export { runScenario } from './runScenario';
export type { BurstStall, SteppedMigration, SteppedMigrationOptions } from '../stepped/avp/migration';
export type { TrafficTotals } from './traffic';
export { scenario, type Scenario, type ScenarioText, type Setting } from './scenario';
