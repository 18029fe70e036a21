import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { SHAPES } from '../../../../testbench/perf/cases';
import { checkPaths, PathsDiffer } from '../../../../testbench/perf/pathCheck';
import { buildNativeLibrary } from '../../../../testbench/peers/dpdk/cLibrary';
import { packageRoot } from '../../../../testbench/runtime/package';
import { testSeed } from '../../../runner/seed';
import { TemporaryFolder } from '../../../support/temporaryFolder';

const SOURCE = 'testbench/perf/driverLoop.c';
const SIZES = [64, 512, 1_518, 9_216];

/** Mistakes in the C loop, as edits of its source, and the place where the path check has to see each. */
const MISTAKES: readonly (readonly [find: string, replace: string, seen: RegExp])[] = [
  ['mbuf->pkt_len = bytes;', 'mbuf->pkt_len = bytes + 1;', /simple: received, packet 0/],
  ['mbuf->ol_flags = MBUF_RX_VLAN_STRIPPED;', '', /simple: received, packet 1: .*flags 3.*flags 0/],
  ['former->nb_segs = segments;', '', /scattered: received, packet \d+: '5 mbufs.*'1 mbufs/],
  ['desc->pkt_len = mbuf->data_len;', 'desc->pkt_len = 60;', /simple: onTx, packet/],
  ['desc->vlan_tci = tagged ? mbuf->vlan_tci : 0;', 'desc->vlan_tci = 0;', /simple: onTx, packet 1/],
  ['head->nb_segs = buffers;', 'head->nb_segs = buffers - 1;', /scattered: onTx, packet/],
  ['queue->mbufs->arena + mbuf->data_room + mbuf->data_off', '(void *)&mbuf->room[0]', /simple: onTx, packet 0/],
];

describe('the bare C loop of the driver', () => {
  const folder = new TemporaryFolder().perTest();

  function compiled(edit: (source: string) => string): Promise<string> {
    const file = folder.file('driverLoop.c');
    writeFileSync(file, edit(readFileSync(join(packageRoot(), SOURCE), 'utf8')));
    return buildNativeLibrary(relative(packageRoot(), file), folder.path, 'the C loop');
  }

  it('treats packets of all sizes as our driver does, byte for byte, in both shapes', async () => {
    const library = await compiled((source) => source);
    for (const shape of SHAPES) checkPaths(library, shape, SIZES, testSeed);
  });

  for (const [find, replace, seen] of MISTAKES)
    it(`is no yardstick with a mistake: '${find}' as '${replace}'`, async () => {
      const library = await compiled((source) => {
        expect(source.split(find)).to.have.length(2);
        return source.replace(find, replace);
      });
      const check = (): void => SHAPES.toReversed().forEach((shape) => checkPaths(library, shape, SIZES, testSeed));
      expect(check).to.throw(PathsDiffer, seen);
    });
});
