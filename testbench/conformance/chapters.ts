/** A chapter of clauses. */
export interface Chapter {
  /** First part of the ids of its clauses. */
  readonly name: string;
  /** Heading in reports. */
  readonly title: string;
}

/** Chapters in the order in which reports list them. */
export const chapters: readonly Chapter[] = [
  { name: 'pci', title: 'PCI identity, BARs and registers' },
  { name: 'memory', title: 'Memory map and address translation' },
  { name: 'info', title: 'Device info' },
  { name: 'fifo', title: 'FIFOs' },
  { name: 'control', title: 'Control channel and life cycle' },
  { name: 'negotiate', title: 'Versions, features and queues' },
  { name: 'rx', title: 'Receive path' },
  { name: 'tx', title: 'Transmit path' },
  { name: 'vlan', title: 'VLAN offload' },
  { name: 'mac', title: 'MAC address and filter' },
  { name: 'stats', title: 'Statistics' },
  { name: 'link', title: 'Link' },
  { name: 'hotplug', title: 'Hot plug and instances' },
  { name: 'migrate', title: 'Live migration' },
  { name: 'linux', title: 'What a host accepts of a Linux kernel driver' },
];
