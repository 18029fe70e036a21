/**
 * What files can't do for a function and its guest in another process: interrupts, and word of
 * what the guest does. BARs are files (`bars/`); a transport carries the rest, in a folder of its
 * own (`uio/`) and behind these interfaces. A trapped register, such as the interrupt status that
 * clears on read, is the transport's affair too: its host's end does what the hardware would.
 *
 * A transport that passes the BARs on by itself, such as vfio-user, opens `bars/` files and needs
 * no tree.
 */

/** Serves the guests of one exported function, in a thread with an event loop; the host may run in any other. */
export interface TransportServer {
  /** Takes no more guests; no host's end may be stepped any more. */
  close(): void;
}

/** The host's end of a transport, in the thread that runs the device; to be stepped with it. */
export interface HostEnd {
  /** Whether a guest has the function open. */
  readonly hasGuest: boolean;
  /** Carries out at the device what the guest has done: ends one that died, clears what one has read. */
  step(): void;
}

/** The guest's end of a transport, in a thread with an event loop. */
export interface GuestEnd {
  /** To be called once: `interrupt` is called for each interrupt, `gone` when the host's end is closed. */
  listen(interrupt: () => void, gone: () => void): void;
  /** Tells the host that interrupts may come: at first, and at the end of each handler. */
  enable(): void;
  close(): void;
}
