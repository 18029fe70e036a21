/** A command as the list of commands shows it. */
interface ListedCommand {
  readonly args: readonly string[];
  readonly about: string;
}

/**
 * The commands, in the order of the list. This is all that `avp --help` needs, so it loads none of them: driver,
 * emulator and clauses take longer to load than the list to print.
 */
export const COMMANDS = {
  abi: {
    args: [],
    about: 'Prints every structure of the AVP interface with its offsets and sizes, and every constant',
  },
  conform: {
    args: ['[ID...]'],
    about: 'Runs the conformance clauses against a driver',
  },
  merge: {
    args: ['<FILE...>'],
    about: 'Joins the JSON results of the shards of one run into one, with the same reports and exit status',
  },
  diff: {
    args: ['<OLD>', '<NEW>'],
    about: 'Compares two JSON results of avp conform or avp merge; exit status 1 where a clause got worse',
  },
  run: {
    args: ['[SCENARIO]'],
    about: 'Runs a scenario: a network of instances, traffic, and what is expected of it',
  },
  shell: {
    args: ['[SCENARIO]'],
    about:
      'Gives a prompt on emulated nodes: step, look at registers and rings, peek and poke, feed frames, detach, attach, migrate, plug, put faults',
  },
  explore: {
    args: ['[CHECK]'],
    about: 'Runs a small world of driver and host in every interleaving, or in many',
  },
  hostile: {
    args: ['[SIDE...]'],
    about: 'Attacks a side of driver and host: its neighbour writes anything into shared memory at any access',
  },
  boot: {
    args: ['[NAME]'],
    about: 'Boots an instance on an emulated compute node and lists its PCI devices and their drivers',
  },
  faults: {
    args: [],
    about: 'Lists the faults that can be put into a run, with their parameters',
  },
  mutants: {
    args: ['[ID...]'],
    about:
      'Measures which engines catch which broken variants of driver and host; exit status 1 where none catches a variant, or one reports anything on the product',
  },
  inspect: {
    args: ['[DUMP]'],
    about:
      'Shows what is in a dump or a live export: registers, every ring, where each packet buffer is; exit status 1 where it contradicts itself',
  },
  serve: {
    args: [],
    about:
      "Exports the AVP devices of one instance to other processes, ours (avp guest) or DPDK's, until it is told to quit; prints one line of JSON when it is ready, and one for each command on standard input",
  },
  guest: {
    args: [],
    about:
      'Drives the AVP devices that another process exports, with our driver, until a signal; prints a line of JSON when it is ready and its statistics at the end',
  },
  perf: {
    args: [],
    about:
      "Measures the fast path in nanoseconds a packet beside its peers: the driver's step alone, receive and transmit, with one and the same host in C behind all; and the host of avp serve beside that C host, with testpmd in io, rxonly and txonly mode at 64 bytes. Medians of 5 interleaved runs; ratio = our time / the peer's. Needs two CPUs that nobody else uses, and gcc",
  },
} as const satisfies Readonly<Record<string, ListedCommand>>;

export type CommandName = keyof typeof COMMANDS;
