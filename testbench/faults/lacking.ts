import type { FaultSite } from './site';

const PROCESSES = 'its guests are no processes of their own; avp serve has such guests';

/** Seams that the modes of scenarios lack, with the reason. */
export const INLINE_LACKS: FaultSite['lacking'] = { process: PROCESSES };
export const THREADS_LACKS: FaultSite['lacking'] = {
  guest: 'its guests run in threads of their own',
  clock: 'its time is the real one',
  process: PROCESSES,
};
/** Seams that a host lacks whose guests are processes, with the reason. */
export const SERVE_LACKS: FaultSite['lacking'] = {
  guest: 'its guests are processes of their own',
  clock: 'its time is the real one',
};
/** Seams that the host of a clause lacks if the driver runs in the bench's own thread, with the reason. */
export const SAME_THREAD_LACKS: FaultSite['lacking'] = { process: 'the driver is no process of its own' };
const STEPPED = 'its runs have hosts of their own, whose interleavings are the fault';
export const STEPPED_LACKS: FaultSite['lacking'] = {
  device: STEPPED,
  guest: STEPPED,
  clock: STEPPED,
  process: STEPPED,
};
