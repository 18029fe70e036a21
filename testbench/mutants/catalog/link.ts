import { edit, type Mutant } from '../build/mutant';

export const linkMutants: readonly Mutant[] = [
  {
    id: 'link-up-after-stop',
    row: null,
    what: 'stop leaves the link up',
    fails: ['link/1', 'control/8'],
    edits: [
      edit(
        'driver/lifecycle.ts',
        'storePortState(port.address, STATE_STOPPED);\n  storePortLinkUp(port.address, 0);',
        'storePortState(port.address, STATE_STOPPED);',
      ),
    ],
  },
  {
    id: 'link-one-gigabit',
    row: null,
    what: 'reports a link speed of 1 Gbit/s',
    fails: ['link/2'],
    edits: [
      edit(
        'driver/port.ts',
        'return { up, speedMbps: 10_000, fullDuplex: true };',
        'return { up, speedMbps: 1_000 as 10_000, fullDuplex: true };',
      ),
    ],
  },
  {
    id: 'link-stop-untold',
    row: null,
    what: 'stops without telling the host',
    fails: ['link/3'],
    edits: [edit('driver/lifecycle.ts', '  sendLink(port, false);\n', '')],
  },
  {
    id: 'link-asked-of-host',
    row: null,
    what: 'sends a link request whenever promiscuous mode changes',
    fails: ['link/4', 'mac/4'],
    edits: [
      edit(
        'driver/port.ts',
        'storePortPromiscuous(this.address, 1);',
        'storePortPromiscuous(this.address, 1);\n    requestLink(this, true);',
      ),
      edit(
        'driver/port.ts',
        'export interface Link {',
        "import { requestLink } from './control';\n\nexport interface Link {",
      ),
    ],
  },
];
