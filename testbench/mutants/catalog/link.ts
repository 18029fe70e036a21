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
  {
    id: 'link-stop-ends-promiscuous-mode',
    row: null,
    what: 'leaves promiscuous mode when the port is stopped',
    fails: ['link/8'],
    edits: [
      edit('driver/lifecycle.ts', '  storePortLinkUp,\n', '  storePortLinkUp,\n  storePortPromiscuous,\n'),
      edit(
        'driver/lifecycle.ts',
        '  storePortState(port.address, STATE_STOPPED);',
        '  storePortState(port.address, STATE_STOPPED);\n  storePortPromiscuous(port.address, 0);',
      ),
    ],
  },
  {
    id: 'link-stop-ends-vlan-offload',
    row: null,
    what: 'no longer understands stripped tags after a stop',
    fails: ['link/8'],
    edits: [
      edit('driver/lifecycle.ts', '  storePortLinkUp,\n', '  storePortLinkUp,\n  storePortRxVlan,\n'),
      edit(
        'driver/lifecycle.ts',
        '  storePortState(port.address, STATE_STOPPED);',
        '  storePortState(port.address, STATE_STOPPED);\n  storePortRxVlan(port.address, 0);',
      ),
    ],
  },
  {
    id: 'link-second-start-asks',
    row: null,
    what: 'sends a link request for a port that is started already',
    fails: ['link/9'],
    edits: [
      edit(
        'driver/lifecycle.ts',
        '    confirmConfig(port);\n    return confirmLink(port);',
        '    confirmConfig(port);\n    return sendLink(port, true);',
      ),
    ],
  },
  {
    id: 'link-queue-state-by-fifo',
    row: null,
    what: 'shows a queue as stopped if no FIFO of the host stands behind it',
    fails: ['link/10'],
    edits: [
      edit('driver/configure.ts', '  loadPortTxQueues,\n', '  loadPortTxQueues,\n  loadRxQueueFifoCount,\n'),
      edit(
        'driver/configure.ts',
        '  needQueue(port, direction, queue);\n  return',
        `  needQueue(port, direction, queue);
  if (direction === 'rx' && loadRxQueueFifoCount(rxQueueAt(port.address, queue)) === 0) return 'stopped';
  return`,
      ),
    ],
  },
  {
    id: 'link-event-before-answer',
    row: null,
    what: 'tells that the link is down before the host has agreed to a stop',
    fails: ['link/11'],
    edits: [
      edit(
        'driver/lifecycle.ts',
        '  sendLink(port, false);\n',
        "  recordEvent(port.address, 'link-down');\n  sendLink(port, false);\n",
      ),
    ],
  },
];
