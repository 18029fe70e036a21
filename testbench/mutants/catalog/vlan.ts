import { edit, type Mutant } from '../build/mutant';

export const vlanMutants: readonly Mutant[] = [
  {
    id: 'vlan-stripped-unmarked',
    row: 'R9',
    what: 'reports that a tag is present but not that it was stripped',
    fails: ['vlan/1'],
    edits: [edit('driver/loops/rx.ts', '(MBUF_RX_VLAN | MBUF_RX_VLAN_STRIPPED) >>> 0', 'MBUF_RX_VLAN')],
  },
  {
    id: 'vlan-host-strips-nothing',
    row: null,
    what: 'the host marks a tag as stripped and leaves it in the frame',
    fails: ['vlan/1'],
    edits: [
      edit(
        'emulator/device/loops/toGuest.ts',
        'const skipped: u32 = tagged ? TAG_BYTES : 0;',
        'const skipped: u32 = 0;',
      ),
    ],
  },
  {
    id: 'vlan-always-on',
    row: null,
    what: 'negotiates VLAN offload even if it was not requested',
    fails: ['vlan/2'],
    edits: [edit('driver/negotiate.ts', 'return vlanStrip || vlanInsert ? ', 'return vlanStrip === vlanStrip ? ')],
  },
  {
    id: 'vlan-not-on-chains',
    row: null,
    what: 'loses the tag of a packet of several buffers',
    fails: ['vlan/3'],
    edits: [
      edit(
        'driver/loops/tx.ts',
        'storeDescOlFlags(head, tagged ? OL_TX_VLAN : 0);',
        'storeDescOlFlags(head, tagged && buffers === 1 ? OL_TX_VLAN : 0);',
      ),
    ],
  },
  {
    id: 'vlan-strip-alone-counts',
    row: 'C7',
    what: 'negotiates only for strip, so that tags to insert are lost',
    fails: ['vlan/4'],
    edits: [edit('driver/negotiate.ts', 'return vlanStrip || vlanInsert ? ', 'return vlanStrip ? ')],
  },
  {
    id: 'vlan-change-untold',
    row: 'C6',
    what: 'changes VLAN offload on a running port without telling the host',
    fails: ['vlan/5'],
    edits: [edit('driver/configure.ts', '  renegotiate(port, strip, insert);\n', '')],
  },
  {
    id: 'vlan-change-takes-link-down',
    row: null,
    what: 'a change of VLAN offload on a running port tells the host that the link is down',
    fails: ['vlan/5'],
    edits: [edit('driver/negotiate.ts', 'const up = loadPortLinkUp(port.address) !== 0;', 'const up = false;')],
  },
  {
    id: 'vlan-promised-without-host',
    row: null,
    what: 'accepts strip although the host has no VLAN offload',
    fails: ['vlan/6'],
    edits: [
      edit(
        'driver/configure.ts',
        "    throw new ErrnoError('ENOTSUP', `VLAN",
        "    if (strip === null) throw new ErrnoError('ENOTSUP', `VLAN",
      ),
    ],
  },
  {
    id: 'vlan-unanswered-undone',
    row: null,
    what: 'after a VLAN change without an answer, assumes that the host has not made the change',
    fails: ['vlan/13'],
    edits: [edit('driver/negotiate.ts', 'if (!(error instanceof Unanswered)) {', 'if (error instanceof Error) {')],
  },
  {
    id: 'vlan-tags-until-answered',
    row: null,
    what: 'keeps requesting tags until the host confirms that it no longer inserts them',
    fails: ['vlan/13'],
    edits: [edit('driver/negotiate.ts', '  storePortFeatures(port.address, formerFeatures & features);\n', '')],
  },
  {
    id: 'vlan-former-setting-untold',
    row: null,
    what: 'treats a return to the former setting as no change, although the host may have made the unanswered change',
    fails: ['vlan/13'],
    edits: [
      edit('driver/configure.ts', 'insert === hadInsert && isSure(port)) return;', 'insert === hadInsert) return;'),
    ],
  },
];
