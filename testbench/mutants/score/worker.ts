/** A thread in which engines carry out tries. */
import { parentPort, workerData } from 'node:worker_threads';
import { findVariant } from '../catalog';
import { hookLoading, part, useVariant } from '../build/variantLoader';
import type { Sample, ThreadKind, TryOrder } from './engine';
import { engineNamed } from './engines';

/** Start-up data. */
export interface ThreadData {
  readonly kind: ThreadKind;
}

/** Answer to an order. */
export type TryAnswer = { readonly samples: readonly Sample[] } | { readonly error: string };

const { kind } = workerData as ThreadData;

async function carryOut(order: TryOrder): Promise<TryAnswer> {
  try {
    const variant = order.variant === null ? null : findVariant(order.variant);
    // An exploration compiles its variant by itself.
    if (kind !== 'explored') useVariant(variant);
    return { samples: await engineNamed(order.engine).run(order, variant) };
  } catch (error) {
    return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

if (kind !== 'explored') {
  hookLoading();
  // The first load is slow. It does not count towards the time limit of a try.
  part('testbench/conformance/registry');
  part('testbench/targets/avp/polling');
}
parentPort?.on('message', (order: TryOrder) => void carryOut(order).then((answer) => parentPort?.postMessage(answer)));
parentPort?.postMessage('ready');
