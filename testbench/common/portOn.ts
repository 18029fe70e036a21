import { UsageError } from '../../shared/errors';
import type { AppPort } from '../api/bench';

/** The port of an instance on a network: an open one, if there is one. @throws UsageError where there is none. */
export function portOn<P extends AppPort>(
  network: string,
  { name, ports }: { readonly name: string; readonly ports: readonly P[] },
): P {
  const there = ports.filter((port) => port.network === network);
  const found = there.find(({ open }) => open) ?? there[0];
  if (found !== undefined) return found;
  const known = ports.map((port) => port.network).join(', ');
  throw new UsageError(
    `instance '${name}' has no AVP port on network '${network}'; it has ${known === '' ? 'none' : known}`,
  );
}
