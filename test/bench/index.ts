/** What scenarios and other projects import as `avp-testbench`. */
export type { AppPort, AppPortSettings } from './appPort';
export type { Bench } from './bench';
export type { ExchangeOptions, ExchangeReport } from './exchange';
export type { BenchInstance, PciDevice } from './instance';
export type { Load, LoadOptions, LoadReport } from './load';
export type { BenchNode } from './node';
export type { Expectation, PortAccount, ScenarioResult } from './result';
export { runScenario } from './runScenario';
export { scenario, type Scenario, type ScenarioText, type Setting } from './scenario';
