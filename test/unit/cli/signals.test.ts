import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { packageRoot, sourceArguments } from '../../../testbench/runtime/package';

/** Makes a folder for exported devices, as a run on the C driver does, and then sends itself a signal. */
const PROGRAM = `
  const { mkdtempSync, writeFileSync } = require('node:fs');
  const { tmpdir } = require('node:os');
  const { join } = require('node:path');
  const { beforeSignal } = require('./cli/signals.ts');
  const { peerFolderPrefix, removePeerFolders } = require('./testbench/peers/dpdk/peerFolders.ts');
  const folder = mkdtempSync(join(tmpdir(), peerFolderPrefix()));
  writeFileSync(join(folder, 'resource0'), 'a BAR');
  const ended = beforeSignal(removePeerFolders);
  if (process.env.CLEANUP_CANCELLED) ended();
  console.log(folder);
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => {}, 30_000);
`;

function run(env: Readonly<Record<string, string>> = {}): { signal: string | null; left: string[] } {
  const options = { cwd: packageRoot(), encoding: 'utf8', env: { ...process.env, ...env } } as const;
  const { pid, signal, stdout, stderr } = spawnSync(process.execPath, [...sourceArguments(), '-e', PROGRAM], options);
  expect(stdout, stderr).to.include(`avp-dpdk-${pid}-`);
  return { signal, left: readdirSync(tmpdir()).filter((name) => name.startsWith(`avp-dpdk-${pid}-`)) };
}

describe('a command that a signal ends', () => {
  it('cleans up, and ends by that signal', () => {
    expect(run()).to.deep.equal({ signal: 'SIGTERM', left: [] });
  });

  it('leaves the folder alone once its clean-up is cancelled', () => {
    const { signal, left } = run({ CLEANUP_CANCELLED: '1' });
    expect([signal, left.length]).to.deep.equal(['SIGTERM', 1]);
    for (const name of left) rmSync(join(tmpdir(), name), { recursive: true });
  });
});
