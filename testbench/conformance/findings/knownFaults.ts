/**
 * A known fault of DPDK's net_avp and the evidence for it. The list is maintained by hand: it names a clause
 * only if the clause fails because of this very fault. Writing the page of findings checks the list against a
 * run, so an outdated entry is reported.
 */
export interface KnownFault {
  readonly row: FaultRow;
  /** One sentence that says what the driver does. */
  readonly what: string;
  readonly evidence: FaultEvidence;
}

/** Clauses whose failure shows the fault, or the reason why it cannot be observed from outside the driver. */
export type FaultEvidence = { readonly clauses: readonly string[] } | { readonly reason: string };

/** Every known fault of the current driver. */
export const FAULT_ROWS = [
  ...(['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8', 'R9'] as const),
  ...(['T1', 'T2', 'T3', 'T4', 'T5', 'T8'] as const),
  ...(['C1', 'C2', 'C3', 'C4', 'C5', 'C6', 'C7', 'C8', 'C14', 'C15'] as const),
  ...(['M1', 'M2', 'M3', 'M4', 'M5', 'M6', 'M7', 'M8', 'M13'] as const),
] as const;
export type FaultRow = (typeof FAULT_ROWS)[number];

function shown(row: FaultRow, what: string, ...clauses: readonly string[]): KnownFault {
  return { row, what, evidence: { clauses } };
}

function hidden(row: FaultRow, what: string, reason: string): KnownFault {
  return { row, what, evidence: { reason } };
}

export const knownFaults: readonly KnownFault[] = [
  shown(
    'R1',
    'A packet that needs more than five mbufs runs past the tables that hold them, which lie on the stack',
    'rx/3',
    'rx/25',
  ),
  shown('R2', 'A packet of length 0 makes it use an mbuf that was never taken', 'rx/4'),
  shown(
    'R3',
    'Segments that add up to less than the packet length are not noticed (rx/5), and mbufs leak (rx/24)',
    'rx/5',
    'rx/24',
  ),
  shown('R4', 'Segments that add up to more than the packet length are not noticed', 'rx/6'),
  shown('R5', 'FIFO headers are believed: any length, and indexes outside of the ring', 'fifo/1', 'fifo/2'),
  shown('R6', 'Queue limits that contradict each other are believed', 'info/3'),
  hidden(
    'R7',
    'The pool of the receive queue that was set up last serves all of them',
    'testpmd sets all receive queues of a port up with one pool; several take a capability that the driver does not have',
  ),
  hidden(
    'R8',
    'With several FIFOs on one queue a burst gives nothing where the next FIFO in turn is empty',
    'testpmd polls without pause, so that the packets come with one of the next bursts, and it counts no bursts',
  ),
  shown('R9', 'The mbuf of a packet says that it had a tag, and not that the tag was taken out', 'vlan/1'),
  shown('T1', 'In scattered mode it appends behind a data_len that was left over in the buffer', 'tx/2'),
  shown('T2', 'What was left over in ol_flags goes out with the packet', 'tx/22'),
  shown('T3', 'In simple mode a chain is read past the end of its first mbuf', 'tx/16', 'tx/23'),
  shown('T4', 'In simple mode a packet longer than a buffer is cut short', 'tx/17'),
  shown('T5', 'What a burst leaves with the application counts as errors, though it is sent later', 'tx/18', 'tx/21'),
  shown(
    'T8',
    'A packet that can never be sent is neither sent nor dropped, however often it is offered, and those behind it wait',
    'tx/19',
  ),
  shown('C1', 'An address that no map holds is used as a null pointer', 'memory/1', 'memory/9'),
  shown(
    'C2',
    'More maps than there is room for are believed (memory/3), and at an attach a memory map without its magic (migrate/18)',
    'memory/3',
    'migrate/18',
  ),
  shown('C3', 'A positive result counts as success', 'control/3'),
  shown('C4', 'A stop that the host refused leaves the port down for the driver and up for the host', 'control/8'),
  shown(
    'C5',
    'What takes the lock of the port, promiscuous mode for one, waits while a request is under way',
    'control/22',
  ),
  shown('C6', 'A change of VLAN offload while the port runs never reaches the host', 'vlan/5', 'vlan/11'),
  shown('C7', 'Tags to be put in are lost where taking them out was not asked for as well', 'vlan/4'),
  shown('C8', 'After close its interrupt handler stays registered', 'control/12', 'hotplug/9'),
  shown(
    'C14',
    'After a configuration that the host refused, statistics and close read through the freed table of its queues',
    'control/23',
  ),
  shown(
    'C15',
    'With transmit queues only, statistics and close read through the table of receive queues, which does not exist',
    'negotiate/13',
  ),
  shown(
    'M1',
    'A burst that stands still for longer than a millisecond goes on with rings that were given away',
    'migrate/51',
  ),
  shown('M2', 'Bursts go on between the answer to the shutdown and the flag that stops them', 'migrate/50'),
  shown(
    'M3',
    'After a detach that failed it confirms the attach and keeps the old addresses',
    'migrate/10',
    'migrate/11',
  ),
  shown('M4', 'It goes on with the buffer size of the old host where the new one has smaller buffers', 'migrate/53'),
  shown(
    'M5',
    'The queue limits of the first host are kept: one with fewer queues is asked for too many, and queues beyond them have no rings',
    'migrate/32',
    'migrate/34',
    'migrate/35',
    'migrate/43',
    'migrate/44',
  ),
  shown('M6', 'It does not attach to a host that lacks a feature in use', 'migrate/38'),
  shown(
    'M7',
    'It keeps simple receive where the new host has longer packets (migrate/37) or smaller buffers (migrate/36, migrate/45): what comes in several buffers then counts as an error',
    'migrate/37',
    'migrate/36',
    'migrate/45',
  ),
  shown(
    'M8',
    'Closed while detached it releases nothing: the interrupt stays on, and the next event is served for a port that is gone',
    'migrate/52',
  ),
  shown(
    'M13',
    'An attach deals FIFOs out to queues that are configured and not set up, through their null pointer',
    'migrate/54',
  ),
];

/**
 * Clauses whose failure is a packet that the driver neither sends nor drops, however often the application
 * offers it.
 */
export const neverSent: readonly string[] = ['tx/19'];
