/**
 * Fixed places of the arena, which code finds without a pointer. They lie on the page of the allocator's head
 * (`shared/arena`), which clears them with the allocations. Loop dialect.
 */

/** The driver's place. Only the driver reads and writes it. */
export const DRIVER_STATICS: u32 = 4_160;
export const DRIVER_STATICS_BYTES: u32 = 4_032;
