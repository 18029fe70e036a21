/** Translates host virtual addresses to arena addresses (section 4). Loop dialect. */
import { DESC_ALIGN_BYTES, DESC_BYTES } from '../../shared/loops/layout';
import {
  loadPoolWindowAddress,
  loadPoolWindowLength,
  loadPoolWindowVaHi,
  loadPoolWindowVaLo,
  loadPortWindowCount,
  POOL_WINDOW_BYTES,
  PORT_WINDOW,
} from './records';

/**
 * Returns the arena address of the `bytes` bytes at host address `hi:lo`, or 0 unless this pool contains all of them.
 * The subtraction has 64 bits, so that a pool may cross a 4 GiB boundary.
 */
export function translateIn(window: u32, lo: u32, hi: u32, bytes: u32): u32 {
  const baseLo: u32 = loadPoolWindowVaLo(window);
  const borrow: u32 = lo < baseLo ? 1 : 0;
  const above: u32 = (((hi - loadPoolWindowVaHi(window)) >>> 0) - borrow) >>> 0;
  const offset: u32 = (lo - baseLo) >>> 0;
  const length: u32 = loadPoolWindowLength(window);
  if (above === 0 && offset <= length && bytes <= (length - offset) >>> 0)
    return (loadPoolWindowAddress(window) + offset) >>> 0;
  return 0;
}

/**
 * Returns the `pool_window` that contains the `bytes` bytes at host address `hi:lo`, or the first one if none does. A
 * burst asks only for addresses outside the pool of the former one.
 */
export function windowOf(port: u32, lo: u32, hi: u32, bytes: u32): u32 {
  const first: u32 = (port + PORT_WINDOW) >>> 0;
  const end: u32 = (first + ((loadPortWindowCount(port) * POOL_WINDOW_BYTES) >>> 0)) >>> 0;
  for (let window: u32 = first; window < end; window += POOL_WINDOW_BYTES)
    if (translateIn(window, lo, hi, bytes) !== 0) return window;
  return first;
}

/** Returns the arena address of the `bytes` bytes at host address `hi:lo`, or 0 unless one pool contains all of them. */
export function translate(port: u32, lo: u32, hi: u32, bytes: u32): u32 {
  return translateIn(windowOf(port, lo, hi, bytes), lo, hi, bytes);
}

/**
 * Returns the number of addresses in a pool at which `bytes` bytes can start, if their low halves alone tell how far
 * they are from its first byte: 0 for a pool that crosses a 4 GiB boundary, whose bursts take the longer way.
 */
export function plainSpan(window: u32, bytes: u32): u32 {
  const length: u32 = loadPoolWindowLength(window);
  if (length < bytes || length === 0) return 0;
  if ((length - 1) >>> 0 > ~loadPoolWindowVaLo(window) >>> 0) return 0;
  return (length - bytes + 1) >>> 0;
}

/** Returns `desc`, or 0 if no descriptor can be there. */
export function alignedDesc(desc: u32): u32 {
  return (desc & (DESC_ALIGN_BYTES - 1)) === 0 ? desc : 0;
}

/** Returns the arena address of the descriptor at host address `hi:lo`, or 0 if no descriptor can be there. */
export function translateDesc(port: u32, lo: u32, hi: u32): u32 {
  return alignedDesc(translate(port, lo, hi, DESC_BYTES));
}
