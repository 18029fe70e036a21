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
 * Returns the arena address of the `bytes` bytes at host address `hi:lo`, or 0 unless one pool
 * contains all of them. The subtraction has 64 bits, so that a pool may cross a 4 GiB boundary.
 */
export function translate(port: u32, lo: u32, hi: u32, bytes: u32): u32 {
  const end: u32 = (port + PORT_WINDOW + ((loadPortWindowCount(port) * POOL_WINDOW_BYTES) >>> 0)) >>> 0;
  for (let window: u32 = (port + PORT_WINDOW) >>> 0; window < end; window += POOL_WINDOW_BYTES) {
    const baseLo: u32 = loadPoolWindowVaLo(window);
    const borrow: u32 = lo < baseLo ? 1 : 0;
    const above: u32 = (((hi - loadPoolWindowVaHi(window)) >>> 0) - borrow) >>> 0;
    const offset: u32 = (lo - baseLo) >>> 0;
    const length: u32 = loadPoolWindowLength(window);
    if (above === 0 && offset <= length && bytes <= (length - offset) >>> 0)
      return (loadPoolWindowAddress(window) + offset) >>> 0;
  }
  return 0;
}

/** Returns the arena address of the descriptor at host address `hi:lo`, or 0 if no descriptor can be there. */
export function translateDesc(port: u32, lo: u32, hi: u32): u32 {
  const desc: u32 = translate(port, lo, hi, DESC_BYTES);
  return (desc & (DESC_ALIGN_BYTES - 1)) === 0 ? desc : 0;
}
