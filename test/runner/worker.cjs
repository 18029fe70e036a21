/* A test process: loads what .mocharc.cjs requires, and then runs the files that it is given. */
'use strict';

const { join, resolve } = require('node:path');

const ROOT = join(__dirname, '..', '..');
for (const path of require('../../.mocharc.cjs').require) require(path.startsWith('.') ? resolve(ROOT, path) : path);
require('./worker.ts');
