/**
 * Chains of descriptors of received packets (section 10). Loop dialect.
 *
 * Each descriptor names the next, and each lies in the cache of the host's CPU. Following the chains of the whole burst
 * at the same time, one descriptor of each in turn, overlaps the waits.
 */
import { prefetch } from '#mem';
import {
  loadDescDataHi,
  loadDescDataLen,
  loadDescDataLo,
  loadDescNbSegs,
  loadDescNextHi,
  loadDescNextLo,
  MAX_SEGMENTS,
} from '../../shared/loops/layout';
import {
  loadRxQueueChainBytes,
  loadRxQueueChainData,
  loadRxQueueChainFetched,
  loadRxQueueChainSegs,
  loadRxQueueEntryDesc,
  loadRxQueueEntryNext,
  storeRxQueueChainBytes,
  storeRxQueueChainData,
  storeRxQueueChained,
  storeRxQueueChainFetched,
  storeRxQueueChainSegs,
  storeRxQueueEntryNext,
} from './records';
import { translate, translateDesc } from './translate';

/** `entry_next` of a chain whose last descriptor was fetched. */
const ENDED: u32 = 1;
/** `entry_next` of a chain that goes on where no descriptor can be. A greater value is the address of the next one. */
const NOWHERE: u32 = 2;
/** Most descriptors of a chain after its first. */
const MOST_MORE: u32 = 4;

function placeOf(entry: u32, more: u32): u32 {
  return (((entry << 2) >>> 0) + more) >>> 0;
}

/** Notes where the next descriptor of an entry's chain lies: nowhere if the host's address is none. */
function noteNext(port: u32, q: u32, entry: u32, lo: u32, hi: u32): void {
  if ((lo | hi) === 0) {
    storeRxQueueEntryNext(q, entry, ENDED);
    return;
  }
  const desc: u32 = translateDesc(port, lo, hi);
  storeRxQueueEntryNext(q, entry, desc === 0 ? NOWHERE : desc);
  if (desc !== 0) prefetch(desc);
}

/** Notes that the first descriptor of an entry has a successor, at host address `hi:lo`. Fetches its number of segments. */
export function startChain(port: u32, q: u32, entry: u32, lo: u32, hi: u32): void {
  storeRxQueueChained(q, 1);
  storeRxQueueChainFetched(q, entry, 0);
  storeRxQueueChainSegs(q, entry, loadDescNbSegs(loadRxQueueEntryDesc(q, entry)));
  noteNext(port, q, entry, lo, hi);
}

/** Fetches the further descriptors of all entries: of each no more than its number of segments says, and at most four. */
export function followChains(port: u32, q: u32, entries: u32): void {
  for (let more: u32 = 0; more < MOST_MORE; more++)
    for (let entry: u32 = 0; entry < entries; entry++)
      if (loadRxQueueEntryDesc(q, entry) !== 0 && loadRxQueueEntryNext(q, entry) > NOWHERE)
        follow(port, q, entry, more);
}

function follow(port: u32, q: u32, entry: u32, more: u32): void {
  const segments: u32 = loadRxQueueChainSegs(q, entry);
  if (segments > MAX_SEGMENTS || segments < 2 || more > (segments - 2) >>> 0) return;
  const desc: u32 = loadRxQueueEntryNext(q, entry);
  const bytes: u32 = loadDescDataLen(desc);
  const data: u32 = translate(port, loadDescDataLo(desc), loadDescDataHi(desc), bytes);
  const at: u32 = placeOf(entry, more);
  storeRxQueueChainData(q, at, data);
  storeRxQueueChainBytes(q, at, bytes);
  storeRxQueueChainFetched(q, entry, (more + 1) >>> 0);
  if (data !== 0) prefetch(data);
  noteNext(port, q, entry, loadDescNextLo(desc), loadDescNextHi(desc));
}

/** Returns how many descriptors of an entry were fetched after its first. */
export function chainFetched(q: u32, entry: u32): u32 {
  return loadRxQueueEntryNext(q, entry) === 0 ? 0 : loadRxQueueChainFetched(q, entry);
}

/** Returns true if an entry's chain goes on after all descriptors that were fetched. */
export function chainGoesOn(q: u32, entry: u32): bool {
  return loadRxQueueEntryNext(q, entry) >= NOWHERE;
}

/** Returns the arena address of the data of descriptor `more` after an entry's first, 0 if they are in no pool. */
export function chainData(q: u32, entry: u32, more: u32): u32 {
  return loadRxQueueChainData(q, placeOf(entry, more));
}

/** Returns the bytes of that data. */
export function chainBytes(q: u32, entry: u32, more: u32): u32 {
  return loadRxQueueChainBytes(q, placeOf(entry, more));
}
