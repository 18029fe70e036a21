/** What a port tells its application. */
export type PortEvent = 'link-up' | 'link-down' | 'removed';

/** Listeners of this thread, by the port's address. */
const listeners = new Map<number, (event: PortEvent) => void>();

/** Sets who is told of a port's events in this thread; `null` for nobody. */
export function listen(port: number, listener: ((event: PortEvent) => void) | null): void {
  if (listener === null) listeners.delete(port);
  else listeners.set(port, listener);
}

export function announce(port: number, event: PortEvent): void {
  listeners.get(port)?.(event);
}
