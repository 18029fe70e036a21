/**
 * What a clause may need beyond the interface of a `Target`. A driver in another process, reached
 * through an application, offers less than a driver that is called directly.
 */
export type Capability =
  /** The number of free mbufs of each pool can be read. */
  | 'mbuf-balance'
  /** The host can act between two memory accesses of a burst. */
  | 'turn-inside-burst'
  /** A port can be told to detach while one of its bursts is held up. */
  | 'held-burst'
  /** Every access that the driver makes is checked against its rights. */
  | 'memory-rights'
  /** Received mbufs show their length, their tag, and whether the tag was stripped. */
  | 'mbuf-tags'
  /** Received mbufs show the data length of each segment, and their port. */
  | 'mbuf-fields'
  /** A transmit burst can be given mbufs of any form, malformed ones too. */
  | 'mbuf-forms'
  /** A transmit burst can be given mbufs whose data somebody else holds too. */
  | 'shared-mbufs'
  /** Each receive queue can have an mbuf pool of its own. */
  | 'pool-per-queue'
  /** The driver translates buffers with every entry of the device info's pool table. */
  | 'several-pools'
  /** The driver counts drops by cause. */
  | 'drop-causes'
  /** The driver tells its application of migrations. */
  | 'migration-events'
  /** Operations that AVP lacks can be requested. */
  | 'refusals'
  /** Settings that AVP lacks can be given to configure. */
  | 'refused-settings'
  /** Extended statistics can be read by id and by name, into arrays of any length. */
  | 'xstats-by-id'
  /** The number of packets that wait for a queue can be asked for, and the status of its descriptors. */
  | 'queue-depth'
  /** Received mbufs show where their data begins. */
  | 'mbuf-headroom'
  /** A guest of the bench, in the arena, can take the driver's place. */
  | 'guest-in-arena'
  /** Bursts happen only on request, with at most the requested size. */
  | 'burst-choice'
  /** The application can be kept from making bursts, so that packets stay on the rings. */
  | 'paused-bursts'
  /** Frames are sent and received on the requested queue. */
  | 'queue-choice'
  /** The driver is configured, and may refuse, before the port is started. */
  | 'configure-apart'
  /** A call in a state where it has nothing to do, such as a second start, reaches the driver. */
  | 'repeated-calls'
  /** A port can be configured without a queue in either direction. */
  | 'zero-queues'
  /** A configured port can be configured for another MTU. */
  | 'mtu-change'
  /** The least and the greatest MTU can be read. */
  | 'mtu-limits'
  /** The state of each queue can be read. */
  | 'queue-states'
  /** A started port can be closed. */
  | 'close-started'
  /** Bursts reach the driver after it has refused to stop. ethdev takes them away before it asks the driver. */
  | 'traffic-after-refused-stop'
  /** Queues are set up on request, also in a wrong order. */
  | 'queue-set-up-apart'
  /** The mbuf size can be chosen, one for all queues. */
  | 'mbuf-size'
  /** Each frame to send can carry a tag to insert. */
  | 'tag-per-frame'
  /** Further calls can be made while one is running. */
  | 'calls-meanwhile'
  /** The amount of memory that the guest holds is known. */
  | 'guest-memory'
  /** The device can be removed by surprise under a running guest. */
  | 'surprise-removal'
  /** The guest can be killed without a word to its driver, and started anew on the same device. */
  | 'guest-death'
  /** All ports belong to one process of the guest, and so to one instance of the driver. */
  | 'shared-guest'
  /** A second thread of the application can make bursts on queues of its own. */
  | 'second-thread'
  /** The driver tells its application of changes of the link. */
  | 'link-events'
  /** The driver can be asked whether its device has been removed. */
  | 'removal-query'
  /** Opening and closing a port takes well under a millisecond. */
  | 'many-lives'
  /** Time passes as the clause says, independent of the machine's load. */
  | 'exact-time';
