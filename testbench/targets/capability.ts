/**
 * Capabilities: what a clause may need beyond the interface of a `Target`. A driver in another process, reached through
 * an application, offers less than a driver that is called directly. docs/capabilities.md is written from this list.
 */
export const CAPABILITIES = {
  'mbuf-balance': 'the target can count the mbufs in use, which shows leaks',
  'mbuf-tags': 'a received packet shows its length, its tag, and whether the tag was stripped',
  'mbuf-fields': 'a received packet shows its segments and its port',
  'mbuf-headroom': 'a received packet shows where the data of its mbufs begins',
  'mbuf-forms': 'a transmit burst accepts mbufs of any form, malformed ones too',
  'shared-mbufs':
    'a transmit burst accepts mbufs whose data somebody else holds too: referred to, indirect, or in memory of the application',
  'mbuf-size': 'the size of the mbufs can be chosen, one size for all queues',
  'pool-per-queue': 'each receive queue can have its own mempool',
  'several-pools': "the driver translates addresses with every entry of the host's pool table",
  'tag-per-frame': 'a transmit burst can insert a tag into some frames only',
  'queue-choice': '`send` and `receive` use the queue that the clause names',
  'burst-choice': 'a burst happens when the clause asks for it, with the size it asks for, and at no other time',
  'paused-bursts': 'an application that makes bursts by itself can be kept from it, so that packets stay on the rings',
  'configure-apart': '`configure` reaches the driver before `start`, and so does its refusal',
  'queue-set-up-apart': 'a queue set-up reaches the driver at once, in any order',
  'repeated-calls': 'a call in a state where it has nothing to do, such as a second `start`, reaches the driver',
  'zero-queues': 'a port can be configured without a queue in either direction',
  'mtu-change': 'a configured port can be configured for another MTU',
  'mtu-limits': 'the information has the least and the greatest MTU',
  'queue-states': 'the state of each queue can be read',
  'close-started': 'a port can be closed without being stopped',
  'traffic-after-refused-stop':
    'bursts reach the driver after it has refused to stop; `rte_eth_dev_stop()` takes them away before it asks the driver',
  'many-lives': 'opening and closing a port takes well under a millisecond',
  'calls-meanwhile': 'a call can be made while another one is under way',
  'drop-causes': 'drops are counted by cause',
  refusals: 'operations that AVP does not support can be requested',
  'refused-settings': 'settings that AVP does not support can be given to `configure`',
  'xstats-by-id': 'extended statistics can be read by id and by name, into arrays of any length',
  'queue-depth':
    'the number of packets that wait for a receive queue can be asked for, and the status of its descriptors',
  'migration-events': 'the application is told about migrations',
  'turn-inside-burst': 'the host can act between two memory accesses of a burst',
  'held-burst': 'a port can be told to detach while one of its bursts is held up',
  'surprise-removal': 'the device can vanish while the driver uses it',
  'memory-rights': 'every access of the driver is checked against its rights',
  'guest-death': 'the guest can be killed without a word to its driver, and started anew on the same device',
  'shared-guest': 'all ports belong to one process of the guest, and so to one instance of the driver',
  'second-thread': 'a second thread of the application can make bursts on queues of its own',
  'link-events': 'the driver tells its application of changes of the link',
  'removal-query': 'the driver can be asked whether its device has been removed',
  'guest-memory': 'the target can tell how much memory the guest holds',
  'guest-in-arena': "a guest of the bench can take the driver's place",
  'exact-time': 'time passes exactly as the clause says, however busy the machine is',
} as const satisfies Readonly<Record<string, string>>;

/** Name of a capability. */
export type Capability = keyof typeof CAPABILITIES;
