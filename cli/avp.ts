#!/usr/bin/env node
import '../testbench/runtime/sourceStacks';
import { flushPrinted } from '../testbench/runtime/flush';
import { main, report } from './main';
import { endIfInterrupted } from './signals';
import { surviveClosedPipes } from './streams';

surviveClosedPipes();
// Node would end with status 1, which stands for findings.
process.on('uncaughtException', (error) => {
  process.exitCode = report(error);
  void flushPrinted().then(() => process.exit());
});
void main(process.argv.slice(2)).then((status) => {
  process.exitCode ??= status;
  return endIfInterrupted();
});
