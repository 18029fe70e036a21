/**
 * What a clause may need of a driver under test beyond the interface of a `Target`. A driver in another
 * process, seen through an application of its own, offers less than one called directly.
 */
export type Capability =
  /** The number of free mbufs of each pool can be read. */
  | 'mbuf-balance'
  /** The host can act between two memory accesses of one burst. */
  | 'turn-inside-burst'
  /** A port can be told to detach while one of its bursts stands still. */
  | 'held-burst'
  /** Every access that the driver makes is checked against its rights. */
  | 'memory-rights'
  /** The mbufs handed over show their length and tag, and whether that was taken out. */
  | 'mbuf-tags'
  /** The mbufs handed over show the data in each segment, and their port. */
  | 'mbuf-fields'
  /** Frames can be handed to a transmit burst as mbufs of any form, wrong ones too. */
  | 'mbuf-forms'
  /** Each receive queue can have a pool of its own. */
  | 'pool-per-queue'
  /** Buffers are translated with every entry of the device info's pool table. */
  | 'several-pools'
  /** Drops are shown by cause. */
  | 'drop-causes'
  /** The application learns of migrations. */
  | 'migration-events'
  /** Operations that AVP lacks can be asked for. */
  | 'refusals'
  /** A guest of the bench itself can take the driver's place. */
  | 'guest-in-arena'
  /** A burst is made when it is asked for, of at most the size asked for, and never in between. */
  | 'burst-choice'
  /** Frames are sent and received on the queue that is named. */
  | 'queue-choice'
  /** A configuration reaches the driver, and its refusal the caller, before the port is started. */
  | 'configure-apart'
  /** A port can be closed that has not been stopped. */
  | 'close-started'
  /** A queue is set up when it is asked for, also in a wrong order. */
  | 'queue-set-up-apart'
  /** The size of the mbufs can be chosen, one for all queues. */
  | 'mbuf-size'
  /** A tag to be put in can be given with each frame. */
  | 'tag-per-frame'
  /** Further calls can be made while one is under way. */
  | 'calls-meanwhile'
  /** The memory that the guest holds can be told. */
  | 'guest-memory'
  /** The bench ends the device under a live guest, as a surprise removal does. */
  | 'surprise-removal'
  /** A port is opened and closed again in well under a millisecond. */
  | 'many-lives'
  /** Time passes as the clause says, whatever the machine does. */
  | 'exact-time';
