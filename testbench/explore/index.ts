/**
 * The exports of `avp-testbench/explore`: all that a check of another project needs.
 * @module avp-testbench/explore
 */
export { defineCheck } from './machine/definition';
export type { Actor, CheckDefinition, Finding, Size, Stage } from './machine/definition';
