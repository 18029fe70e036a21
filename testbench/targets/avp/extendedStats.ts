import type { Port } from '../../../driver';
import { call, control } from '../guestCall';
import type { ExtendedStats } from '../target';

/** Extended statistics of a port of our driver. */
export function extendedStatsOf(port: Port): ExtendedStats {
  return {
    names: async () => call(() => port.xstatsNames()),
    values: async (room) => {
      const values = new Float64Array(room).fill(-1);
      const needed = call(() => port.xstatsInto(values));
      return { needed, values: [...values] };
    },
    byId: async (ids) => control(() => port.xstatsById(ids)),
    idOf: async (name) => control(() => port.xstatsId(name)),
  };
}
