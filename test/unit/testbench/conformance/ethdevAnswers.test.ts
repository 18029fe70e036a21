import { expect } from 'chai';
import { findClause } from '../../../../testbench/conformance/registry';
import { runClause } from '../../../../testbench/conformance/runClause';
import { avpTarget } from '../../../../testbench/targets/avp/target';
import type { GuestPort, PortSettings, Result, Target } from '../../../../testbench/targets/target';

function refusal(errno: string): Result {
  return { ok: false, errno, message: 'said by ethdev' };
}

/** Replaces the errnos of a driver by those that ethdev gives in its place. */
function replaced(result: Result, errnos: Readonly<Record<string, string>>): Result {
  return result.ok ? result : refusal(errnos[result.errno] ?? result.errno);
}

/** The package's own driver as an application would find it behind ethdev. */
function behindEthdev(port: GuestPort): GuestPort {
  let state: 'stopped' | 'started' | 'unconfigured' = 'stopped';
  const answered = (result: Result): Result => replaced(result, { ENODEV: 'EIO' });
  const stop = async (): Promise<Result> => {
    const result = await port.stop();
    if (result.ok) state = 'stopped';
    return answered(result);
  };
  return new Proxy(port, {
    get(target, name: keyof GuestPort) {
      const own: Partial<GuestPort> = {
        async configure(settings: PortSettings) {
          const result = await port.configure(settings);
          state = result.ok ? 'stopped' : 'unconfigured';
          return replaced(result, { ENODEV: 'EIO', ENOTSUP: 'EINVAL' });
        },
        async start() {
          if (state === 'unconfigured') return refusal('EINVAL');
          const result = await port.start();
          if (result.ok) state = 'started';
          return answered(result);
        },
        stop,
        async close() {
          if (state === 'started') await stop();
          return port.close();
        },
        setVlanOffload: async (offload) =>
          replaced(await port.setVlanOffload(offload), { ENODEV: 'EIO', ENOTSUP: 'EINVAL' }),
        async unsupported() {
          const results = Object.entries(await port.unsupported());
          const errnos = ['EINVAL', 'ENOSYS', 'EINVAL', 'EBUSY'];
          return Object.fromEntries(
            results.map(([what, result], index) => [what, replaced(result, { ENOTSUP: errnos[index] ?? 'ENOTSUP' })]),
          );
        },
      };
      const method = own[name] ?? target[name];
      return typeof method === 'function' ? method.bind(target) : method;
    },
  });
}

/** @param declared the target says that it stands behind ethdev. */
function ethdevTarget(declared: boolean): Target {
  return {
    ...avpTarget,
    ...(declared && { behindEthdev: true }),
    async open(seed, log) {
      const rig = await avpTarget.open(seed, log);
      return {
        ...rig,
        guest: {
          binds: (nic) => rig.guest.binds(nic),
          async probe(nic) {
            const probed = await rig.guest.probe(nic);
            return probed.ok ? { ok: true, value: behindEthdev(probed.value) } : probed;
          },
        },
      };
    },
  };
}

/** Clauses that ask for another answer where the driver is called directly. */
const BY_TARGET = ['control/13', 'vlan/6', 'negotiate/10', 'hotplug/10'];
/** Clauses that ask for nothing that ethdev would answer otherwise, of any driver. */
const FOR_ALL = ['control/10', 'hotplug/2', 'hotplug/5', 'hotplug/6', 'migrate/23'];

describe('clauses that meet ethdev', () => {
  for (const id of [...BY_TARGET, ...FOR_ALL])
    it(`${id} accepts what ethdev answers in place of a driver behind it`, async () => {
      const { verdict, detail } = await runClause(findClause(id), ethdevTarget(true), 1);
      expect(verdict, detail).to.equal('pass');
    });

  for (const id of BY_TARGET)
    it(`${id} asks more of a driver that is called directly`, async () => {
      expect((await runClause(findClause(id), ethdevTarget(false), 1)).verdict).to.equal('fail');
    });
});
