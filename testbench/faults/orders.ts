import { UsageError } from '../../shared/errors';
import type { FaultOrder } from '../api/faults';
import { faultNamed, faultParameters } from './faults';
import type { FaultSite } from './site';

/** Splits `k=v` words into parameters. @throws UsageError */
export function parametersOf(words: readonly string[]): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 1) throw new UsageError(`'${word}' is no parameter of a fault: expected NAME=VALUE`);
    const key = word.slice(0, equals);
    if (Object.hasOwn(parameters, key)) throw new UsageError(`parameter '${key}' of a fault is given twice`);
    parameters[key] = word.slice(equals + 1);
  }
  return parameters;
}

/** Parses `NAME[:k=v,...]`. @throws UsageError for an unknown name or parameter. */
export function parseFault(text: string): FaultOrder {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const words = colon < 0 ? [] : text.slice(colon + 1).split(',');
  const parameters = parametersOf(words);
  faultParameters(faultNamed(name).name, parameters);
  return { name, parameters };
}

/** Writes an order as `parseFault` reads it. */
export function faultText({ name, parameters }: FaultOrder): string {
  const words = Object.entries(parameters).map(([key, value]) => `${key}=${String(value)}`);
  return words.length === 0 ? name : `${name}:${words.join(',')}`;
}

/** Why a site can't offer some faults; null where it can. @throws UsageError for an unknown name or parameter. */
export function faultRefusal(orders: readonly FaultOrder[] | undefined, lacking: FaultSite['lacking']): string | null {
  for (const { name, parameters } of orders ?? []) {
    const found = faultNamed(name);
    faultParameters(found.name, parameters);
    const why = lacking[found.fault.seam];
    if (why !== undefined) return `it can't offer fault ${name}: ${why}`;
  }
  return null;
}
