import { expect } from 'chai';
import fc from 'fast-check';
import { resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { withVlanTag } from '../../../../shared/ethernet';
import { MacTable, UNKNOWN_PORT } from '../../../../emulator/network/macTable';
import type { PortVlan } from '../../../../emulator/network/portVlan';
import { VirtualSwitch } from '../../../../emulator/network/switch';
import type { SwitchPort } from '../../../../emulator/network/switchPort';
import { frame, mac, Station } from '../../../unit/emulator/network/endpoints';

const AGEING_MS = 50;
const MAX_MACS = 5;

/** A simple model of the table: a list of entries, newest last. */
class ModelTable {
  private entries: { key: string; port: number; seen: number }[] = [];

  expire(before: number): void {
    this.entries = this.entries.filter((entry) => entry.seen >= before);
  }

  learn(key: string, port: number, seen: number): void {
    this.entries = this.entries.filter((entry) => entry.key !== key);
    if (this.entries.length === MAX_MACS) this.entries.shift();
    this.entries.push({ key, port, seen });
  }

  forget(port: number): void {
    this.entries = this.entries.filter((entry) => entry.port !== port);
  }

  lookup(key: string): number {
    return this.entries.find((entry) => entry.key === key)?.port ?? UNKNOWN_PORT;
  }

  get size(): number {
    return this.entries.length;
  }
}

const VLANS: readonly PortVlan[] = [
  { access: 10 },
  { access: 20 },
  { trunk: 'all' },
  { trunk: [0, 10] },
  { trunk: [20] },
];

/** The VLAN to which a frame belongs when it enters at a port; null if the port refuses it. */
function ingress(rule: PortVlan, tci: number | null): number | null {
  const own = (tci ?? 0) & 0xfff;
  if ('access' in rule) return own === 0 ? rule.access : null;
  return rule.trunk === 'all' || rule.trunk.includes(own) ? own : null;
}

/** The frame as it leaves at a port; null if the port does not carry its VLAN. */
function egress(rule: PortVlan, vlan: number, tci: number | null, plain: Uint8Array): Uint8Array | null {
  if ('access' in rule) return rule.access === vlan ? plain : null;
  if (rule.trunk !== 'all' && !rule.trunk.includes(vlan)) return null;
  if (vlan === 0) return tci === null ? plain : withVlanTag(plain, tci);
  return withVlanTag(plain, ((tci ?? 0) & 0xf000) | vlan);
}

/** 1 to 7 are the addresses of stations; 0 is broadcast. */
const address = fc.nat({ max: 7 });
const sent = fc.record({
  kind: fc.constant('send' as const),
  port: fc.nat({ max: 4 }),
  from: address,
  to: address,
  tci: fc.constantFrom(null, 0, 10, 20, 0x700a, 0xe000, 30),
});
const other = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 40 }) }),
  fc.record({ kind: fc.constant('replug' as const), port: fc.nat({ max: 4 }) }),
);
const group = (number: number): Uint8Array => (number === 0 ? new Uint8Array(6).fill(0xff) : mac(number));

const anything = fc.array(fc.oneof({ weight: 6, arbitrary: sent }, { weight: 1, arbitrary: other }), { maxLength: 60 });

describe('property: virtual switch', () => {
  it('agrees with a simple model of VLANs, learning and ageing, and accounts for every frame', () => {
    fc.assert(
      fc.property(anything, (steps) => {
        resetArena();
        const clock = new VirtualClock(1_000);
        const network = new VirtualSwitch({ clock, ageingMs: AGEING_MS, maxMacs: MAX_MACS }).network('a');
        const stations = VLANS.map((_rule, i) => new Station(`${i}`));
        const ports: SwitchPort[] = stations.map((station, i) => network.connect(station, { vlan: VLANS[i]! }));
        const all = [...ports];
        const model = new ModelTable();
        steps.forEach((step, mark) => {
          if (step.kind === 'wait') clock.sleepMs(step.ms);
          else if (step.kind === 'replug') {
            ports[step.port]!.disconnect();
            model.forget(step.port);
            ports[step.port] = network.connect(stations[step.port]!, { vlan: VLANS[step.port]! });
            all.push(ports[step.port]!);
          } else {
            const plain = frame(group(step.to), group(step.from), mark);
            stations[step.port]!.send(step.tci === null ? plain : withVlanTag(plain, step.tci));
            const vlan = ingress(VLANS[step.port]!, step.tci);
            let known = UNKNOWN_PORT;
            if (vlan !== null) {
              model.expire(clock.nowMs() - AGEING_MS);
              if (step.from !== 0) model.learn(`${vlan} ${step.from}`, step.port, clock.nowMs());
              if (step.to !== 0) known = model.lookup(`${vlan} ${step.to}`);
            }
            const expected = VLANS.map((rule, port) => {
              const reached = vlan !== null && port !== step.port && (known === UNKNOWN_PORT || known === port);
              const out = reached ? egress(rule, vlan, step.tci, plain) : null;
              return out === null ? [] : [out];
            });
            expect(stations.map((station) => station.take())).to.deep.equal(expected);
            expect(network.stats().macs).to.equal(model.size);
          }
        });
        for (const port of all) {
          const { in: offered, forwarded, flooded, dropped } = port.stats();
          expect(offered).to.equal(forwarded + flooded + Object.values(dropped).reduce((sum, count) => sum + count, 0));
        }
      }),
      { numRuns: 120 },
    );
  });
});

describe('property: MAC table', () => {
  it('agrees with a simple list, even when keys collide', () => {
    const key = fc.tuple(fc.constantFrom(0, 1, 4_095), fc.constantFrom(0, 0xffff), fc.nat({ max: 6 }));
    const operation = fc.tuple(fc.constantFrom('learn', 'learn', 'learn', 'expire', 'forget'), key, fc.nat({ max: 3 }));
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
        const table = new MacTable(MAX_MACS);
        const model = new ModelTable();
        const seen = new Set<readonly [number, number, number]>();
        operations.forEach(([kind, place, port], now) => {
          seen.add(place);
          if (kind === 'learn') {
            table.learn(...place, port, now);
            model.learn(place.join(), port, now);
          } else if (kind === 'expire') {
            table.expire(now - 6);
            model.expire(now - 6);
          } else {
            table.forgetPort(port);
            model.forget(port);
          }
          for (const known of seen) expect(table.lookup(...known)).to.equal(model.lookup(known.join()));
          expect(table.size).to.equal(model.size);
        });
      }),
      { numRuns: 150 },
    );
  });
});
