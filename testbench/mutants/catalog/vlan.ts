import { edit, type Mutant } from '../build/mutant';

export const vlanMutants: readonly Mutant[] = [
  {
    id: 'vlan-stripped-unmarked',
    row: 'R9',
    what: 'reports that a tag is present but not that it was stripped',
    fails: ['vlan/1'],
    edits: [edit('driver/loops/rxStraight.ts', '(MBUF_RX_VLAN | MBUF_RX_VLAN_STRIPPED) >>> 0', 'MBUF_RX_VLAN')],
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
  {
    id: 'vlan-provider-tag-reported',
    row: null,
    what: 'reports the 802.1ad tag that stands in a received frame as if the host had handed it over',
    fails: ['vlan/14', 'vlan/16'],
    edits: [
      edit(
        'driver/loops/rxStraight.ts',
        '    if (macFilter(port,',
        '    if (load16(mbufOwnData(mbuf) + 12) === 0xa888) storeMbufOlFlags(mbuf, MBUF_RX_VLAN);\n    if (macFilter(port,',
      ),
    ],
  },
  {
    id: 'vlan-inner-tag-reported',
    row: null,
    what: 'hands over the tag that is left in the frame instead of the one that was stripped',
    fails: ['vlan/15'],
    edits: [
      edit(
        'driver/loops/rxStraight.ts',
        '    if (macFilter(port,',
        '    const left: u32 = load32(mbufOwnData(mbuf) + 12);\n    const inner: u32 = (((left >>> 8) & 0xff00) | (left >>> 24)) >>> 0;\n    if ((left & 0xffff) === 0x0081 && loadMbufOlFlags(mbuf) !== 0) storeMbufVlanTci(mbuf, inner);\n    if (macFilter(port,',
      ),
      edit('driver/loops/rxStraight.ts', '  loadPortMacHi,\n', '  loadMbufOlFlags,\n  loadPortMacHi,\n'),
    ],
  },
  {
    id: 'vlan-no-second-tag',
    row: null,
    what: 'asks for no tag where the frame has an 802.1Q tag already',
    fails: ['vlan/17'],
    edits: [
      edit(
        'driver/loops/tx.ts',
        '(loadMbufOlFlags(packet) & MBUF_TX_VLAN) !== 0;',
        '(loadMbufOlFlags(packet) & MBUF_TX_VLAN) !== 0 && (load32(mbufData(packet) + 12) & 0xffff) !== 0x0081;',
      ),
    ],
  },
  {
    id: 'vlan-tag-counts-in-length',
    row: null,
    what: 'counts a stripped tag in the length that it compares with the longest packet',
    fails: ['vlan/18'],
    edits: [
      edit('driver/loops/rxStraight.ts', 'pktLen <= most', '((pktLen + (tagged ? 4 : 0)) >>> 0) <= most'),
      edit(
        'driver/loops/rx.ts',
        'if (pktLen > loadPortMaxRxPktLen(port)) return',
        'if (pktLen + ((loadRxQueueOlFlags(q) & OL_RX_VLAN) === 0 ? 0 : 4) > loadPortMaxRxPktLen(port)) return',
      ),
    ],
  },
];
