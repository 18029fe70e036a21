import { hex } from '../../../shared/hex';
import { type Clause, clause } from '../clause';
import type { NicSettings } from '../../targets/host';

/** Layouts that a host may choose, by the name that failures show. */
const LAYOUTS: Readonly<Record<string, NicSettings>> = {
  'one segment': { layout: { segments: 1 } },
  'ten segments with gaps': { layout: { segments: 10, gaps: true } },
  'ten segments in any order': { layout: { segments: 10, gaps: true, order: 'shuffled' } },
  // The pool is small, so traffic uses the buffers on both sides of the boundary.
  'across 4 GiB': { layout: { segments: 4, nearFourGiB: true }, pools: [{ buffers: 96 }] },
  'data at varied distances': { dataGap: 'varied', dataGapBytes: 512 },
};

export const memoryClauses: readonly Clause[] = [
  clause({
    id: 'memory/1',
    title: 'an address in no map is refused',
    level: 'MUST',
    section: '4',
    basis: 'safety',
    faults: ['C1'],
    goal: 'A null or foreign address is never used',
    steps: ['spoil one address of the device info at a time', 'probe'],
    requirement:
      'An address that no map holds cannot be translated, and the driver refuses the device with EFAULT or EINVAL',
    host: 'wrong',
    note: 'A driver that goes on writes through a null pointer, or near one. No source names the errno: both drivers give EFAULT for a BAR that is not mapped, and EINVAL for content that they refuse.',
    run: async (t) => {
      for (const field of ['tx_phys', 'rx_phys', 'alloc_phys', 'free_phys', 'req_phys', 'resp_phys', 'sync_phys'])
        for (const value of [0n, 0xffff_ffff_ffff_f000n]) {
          const nic = t.plug();
          nic.overwrite({ struct: 'device_info' }, field, value);
          t.expect.refusal(`probe with ${field} ${hex(value)}`, await t.guest.probe(nic), 'EFAULT', 'EINVAL');
        }
    },
  }),
  clause({
    id: 'memory/2',
    title: 'an object that leaves the maps is refused',
    level: 'MUST',
    section: '4',
    basis: 'safety',
    goal: 'Not only the first byte of an object has to be translated',
    steps: ['let the sync area begin so near to the end of the last map that it does not fit', 'probe'],
    requirement: 'An object lies within one map, or across maps that follow each other',
    host: 'wrong',
    note: 'No source says that a driver looks at more than the first byte of an object, and neither released driver does. An object that runs past the last map runs past BAR 2, and the driver would read and write what lies behind it.',
    run: async (t) => {
      for (const bytes of [8n, 32n]) {
        const nic = t.plug({ layout: { segments: 1 } });
        const end = nic.mapField(0, 'phys_addr') + nic.mapField(0, 'length');
        nic.overwrite({ struct: 'device_info' }, 'sync_phys', end - bytes);
        t.expect.refusal(
          `probe with ${bytes} bytes left for the sync area`,
          await t.guest.probe(nic),
          'EFAULT',
          'EINVAL',
        );
      }
    },
  }),
  clause({
    id: 'memory/3',
    title: 'more than 2,048 maps are refused',
    level: 'MUST',
    section: '4',
    basis: 'safety',
    faults: ['C2'],
    goal: 'The number of maps is checked against the size of the table',
    steps: ['plug a device with 2,048 maps and probe', 'say 2,049, and all ones, and probe'],
    requirement: 'nb_maps is at most 2,048',
    host: 'wrong',
    note: 'The header of the device has the limit as RTE_AVP_MAX_MAPS. A driver that believes a larger number reads past the end of BAR 4.',
    run: async (t) => {
      t.expect.success(
        'probe with 2,048 maps',
        await t.guest.probe(t.plug({ layout: { segments: 2_048 }, pools: [{ buffers: 4_096 }] })),
      );
      for (const value of [2_049, 0xffff_ffff]) {
        const nic = t.plug();
        nic.overwrite({ struct: 'memmap_info' }, 'nb_maps', value);
        t.expect.refusal(`probe with nb_maps ${value}`, await t.guest.probe(nic), 'EINVAL', 'EFAULT');
      }
    },
  }),
  clause({
    id: 'memory/4',
    title: 'a wrong magic or version of the map is refused',
    level: 'MUST',
    section: '14',
    basis: 'protocol',
    faults: ['C2'],
    goal: 'No address is taken from rubbish',
    steps: ['spoil magic and version of the memory map', 'probe'],
    requirement: 'probe checks magic and version of the memory map: EINVAL',
    host: 'wrong',
    run: async (t) => {
      for (const [field, value] of [
        ['magic', 0],
        ['magic', 0x2013_1975],
        ['version', 0],
        ['version', 2],
      ] as const) {
        const nic = t.plug();
        nic.overwrite({ struct: 'memmap_info' }, field, value);
        t.expect.refusal(`probe with ${field} ${value}`, await t.guest.probe(nic), 'EINVAL');
      }
    },
  }),
  clause({
    id: 'memory/5',
    title: 'traffic passes whatever the layout of the memory',
    level: 'MUST',
    section: '4',
    basis: 'protocol',
    goal: 'Addresses are translated with the map, at any place and in any order',
    steps: Object.keys(LAYOUTS).map((name) => `pass traffic both ways with the layout: ${name}`),
    requirement: 'A host physical address is translated by the map that holds it',
    run: async (t) => {
      for (const settings of Object.values(LAYOUTS)) {
        const layout = { ...settings.layout, seed: t.random.u32() };
        const running = await t.started({ nic: { ...settings, layout } });
        for (let round = 0; round < 12; round++)
          for (const bytes of [100, 9_000]) await t.expectTraffic(running, bytes);
      }
    },
  }),
  clause({
    id: 'memory/6',
    title: 'pools with different offsets are told apart',
    level: 'SHOULD',
    section: '4',
    basis: 'protocol',
    faults: ['F2'],
    needs: ['several-pools'],
    goal: 'Each buffer, and each segment of a chain, is translated with the offset of its own pool',
    steps: ['plug a device with three pools, each with its own offset', 'pass long and short frames both ways'],
    requirement: 'A buffer address is translated with the pool entry that holds it',
    note: 'The header of the device has one entry of pool[] for each socket, and the kernel driver translates with them. net_avp knows one pool alone.',
    run: async (t) => {
      const pools = [{ buffers: 200 }, { buffers: 300 }, { buffers: 250 }];
      const layout = {
        segments: 12,
        offsets: 'different',
        order: 'shuffled',
        gaps: true,
        seed: t.random.u32(),
      } as const;
      const running = await t.started({ nic: { pools, layout } });
      for (let round = 0; round < 40; round++) await t.expectTraffic(running, t.random.between(14, 9_000));
    },
  }),
];
