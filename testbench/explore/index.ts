/** What a check of another project needs: `avp-testbench/explore`. */
export { defineCheck } from './machine/definition';
export type { Actor, CheckDefinition, Finding, Size, Stage } from './machine/definition';
