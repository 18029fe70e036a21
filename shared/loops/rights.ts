/**
 * Actors and their rights to memory. Only the watched build checks them. Loop dialect.
 * Rights apply to granules of 4 bytes.
 */
export const ACTOR_HOST: u32 = 0;
export const ACTOR_DRIVER: u32 = 1;

export const HOST_READ: u32 = 1;
export const HOST_WRITE: u32 = 2;
export const DRIVER_READ: u32 = 4;
export const DRIVER_WRITE: u32 = 8;

export const NO_RIGHTS: u32 = 0;
export const HOST_ONLY: u32 = 3;
export const DRIVER_ONLY: u32 = 12;
export const BOTH: u32 = 15;
