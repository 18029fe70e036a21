/**
 * Between a function and its guest in another process, files carry the BARs (`bars/`). A transport
 * carries the rest: interrupts, and the news of what the guest does. Each transport has a folder of
 * its own (`uio/`) and implements these interfaces. It also emulates trapped registers, such as the
 * interrupt status that clears on read: its host's end does what the hardware would.
 *
 * A transport that passes file descriptors of the BARs to the guest, such as vfio-user, uses the
 * files of `bars/` and needs no tree.
 */

/** The end of an exported function that its guests connect to. The host may run in any thread. */
export interface TransportServer {
  /** Takes no more guests. No host's end may be stepped from now on. */
  close(): void;
}

/** The host's end of a transport, in the thread that runs the device. That thread steps both. */
export interface HostEnd {
  /** True while a guest has the function open. */
  readonly hasGuest: boolean;
  /** Process id of the guest that has the function open; null if none has, or if its process is unknown. */
  readonly guestProcess: number | null;
  /**
   * Serves the guests, one after the other: lets one in, delivers interrupts, clears a status that was
   * read, ends one that died. Whatever a guest did comes before its end, and its end before the next guest.
   */
  step(): void;
}

/** The guest's end of a transport, in a thread with an event loop. */
export interface GuestEnd {
  /** Call it once. `interrupt` is called for each interrupt, `gone` when the host's end is closed. */
  listen(interrupt: () => void, gone: () => void): void;
  /** Tells the host that interrupts may come: at first, and at the end of each handler. */
  enable(): void;
  close(): void;
}
