#!/usr/bin/env node
import { main } from './main';
import { surviveClosedPipes } from './streams';

surviveClosedPipes();
void main(process.argv.slice(2)).then((status) => {
  process.exitCode ??= status;
});
