/** The commands of the model test. Each one runs an operation on the world and on the model, and compares them. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { FrameSpec, To } from './frames';
import { LATE_ANSWER_MS, PortModel, HOST_FAULTS, type Outcome, type Wanted, type HostFault } from './model';
import { QUEUES, World, type RealPort, type NicDraw } from './world';

export interface Model {
  readonly ports: PortModel[];
  plugged: number;
}

type Run = (
  model: PortModel,
  real: RealPort,
  all: { readonly model: Model; readonly world: World; readonly index: number },
) => void;

/** A command on one of the plugged NICs; the index is taken modulo their number. */
class PortCommand implements fc.Command<Model, World> {
  constructor(
    private readonly index: number,
    private readonly text: string,
    private readonly may: (model: PortModel) => boolean,
    private readonly work: Run,
  ) {}

  private at(model: Model): number {
    return this.index % model.ports.length;
  }

  check(model: Model): boolean {
    return model.ports.length > 0 && this.may(model.ports[this.at(model)]!);
  }

  run(model: Model, world: World): void {
    const index = this.at(model);
    this.work(model.ports[index]!, world.ports[index]!, { model, world, index });
    for (const port of model.ports) port.hostRound();
    for (const port of world.ports) port.settle();
    for (const port of world.ports) port.expectArrivals();
    world.check(model.ports);
  }

  toString(): string {
    return `nic ${this.index}: ${this.text}`;
  }
}

class HotPlug implements fc.Command<Model, World> {
  constructor(private readonly draw: NicDraw) {}

  check(model: Model): boolean {
    return model.ports.length < 3 && model.plugged < 8;
  }

  run(model: Model, world: World): void {
    plug(model, world, this.draw);
    world.check(model.ports);
  }

  toString(): string {
    return `hot plug ${JSON.stringify(this.draw)}`;
  }
}

export function plug(model: Model, world: World, draw: NicDraw): void {
  world.plug(draw);
  model.ports.push(new PortModel({ minRx: draw.minRx, maxRx: 4, maxTx: QUEUES, vlan: draw.vlan }));
  model.plugged++;
}

function expectOutcome(expected: Outcome, body: () => void): void {
  expect(World.outcome(body), 'outcome').to.equal(expected);
}

const portIndex = fc.nat({ max: 2 });
const flag = fc.boolean();
const always = (): boolean => true;
const isPresent = (port: PortModel): boolean => port.presence === 'present';

function command<T>(
  arbitrary: fc.Arbitrary<T>,
  name: string,
  work: (drawn: T) => Run,
  may: (port: PortModel) => boolean = always,
): fc.Arbitrary<PortCommand> {
  return fc.tuple(portIndex, arbitrary).map(([index, drawn]) => {
    const text = drawn === undefined ? name : `${name} ${JSON.stringify(drawn)}`;
    return new PortCommand(index, text, may, work(drawn));
  });
}

const frames = fc.array(
  fc.record<FrameSpec>({
    to: fc.constantFrom<To>('own', 'own', 'own', 'other', 'broadcast', 'multicast'),
    bytes: fc.oneof(fc.integer({ min: 18, max: 700 }), fc.constantFrom(18, 512, 513, 2_400)),
    tci: fc.constantFrom(null, null, 0x0123),
    flow: fc.nat({ max: 9 }),
  }),
  { minLength: 1, maxLength: 8 },
);

const wanted = fc.record<Wanted>({
  rxQueues: fc.constantFrom(0, 1, 1, 2, 2),
  // 3 is more than the device has.
  txQueues: fc.constantFrom(0, 1, 1, 2, 2, 3),
  vlanStrip: flag,
  vlanInsert: flag,
});

function reprobe(model: PortModel, real: RealPort): void {
  model.close();
  model.probe();
  real.reprobe();
}

/** Brings the port to the state started from any other state, because most commands need a started port. */
const openUp: Run = (model, real) => {
  if (model.state === 'closed') reprobe(model, real);
  const config: Wanted = { rxQueues: 2, txQueues: 2, vlanStrip: model.limits.vlan, vlanInsert: false };
  if (model.state !== 'started') expectOutcome(model.configure(config), () => real.configure(config));
  expectOutcome(model.start(), () => real.port.start());
};

const draws = fc.record<NicDraw>({
  minRx: fc.constantFrom(0, 1, 3),
  vlan: fc.constantFrom(true, true, false),
  budget: fc.constantFrom(1_024, 1_024, 2),
});

export const firstNic = draws;

const traffic: fc.Arbitrary<fc.Command<Model, World>>[] = [
  command(fc.constant(undefined), 'open up', () => openUp, isPresent),
  command(frames, 'to guest', (specs) => (model, real) => real.receive(specs, model)),
  command(
    fc.tuple(fc.nat({ max: QUEUES - 1 }), frames),
    'from guest',
    ([queue, specs]) =>
      (model, real) =>
        real.send(queue, specs, model),
  ),
];

const control: fc.Arbitrary<fc.Command<Model, World>>[] = [
  command(
    wanted,
    'configure',
    (config) => (model, real) => expectOutcome(model.configure(config), () => real.configure(config)),
  ),
  command(
    fc.constant(undefined),
    'start',
    () => (model, real) => expectOutcome(model.start(), () => real.port.start()),
  ),
  command(fc.constant(undefined), 'stop', () => (model, real) => expectOutcome(model.stop(), () => real.port.stop())),
  command(
    fc.record({ strip: flag, insert: flag }),
    'vlanOffloadSet',
    ({ strip, insert }) =>
      (model, real) =>
        expectOutcome(model.vlanOffloadSet(strip, insert), () => real.port.vlanOffloadSet({ strip, insert })),
  ),
  command(
    fc.constantFrom(...(Object.keys(HOST_FAULTS) as HostFault[])),
    'next request',
    (hostFault) => (model, real) => {
      model.hostFault = hostFault;
      real.device.tamper.planAnswer(HOST_FAULTS[hostFault]);
    },
    (port) => port.presence === 'present' && port.hostFault === null,
  ),
];

const operations: fc.Arbitrary<fc.Command<Model, World>>[] = [
  command(fc.constant(undefined), 'close', () => (model, real) => {
    model.close();
    real.port.close();
  }),
  command(fc.constant(undefined), 'remove, probe again', () => reprobe, isPresent),
  command(flag, 'promiscuous', (on) => (model, real) => {
    model.promiscuous = on;
    if (on) real.port.promiscuousEnable();
    else real.port.promiscuousDisable();
  }),
  command(fc.constant(undefined), 'statsReset', () => (_model, real) => {
    real.port.statsReset();
    expect(
      Object.values(real.port.xstatsGet()).every((value) => value === 0),
      'statistics after a reset',
    ).to.equal(true);
  }),
  command(fc.integer({ min: 1, max: 48 }), 'hold mbufs', (count) => (_model, real) => real.guest.hold(count)),
  command(fc.constant(undefined), 'give mbufs back', () => (_model, real) => real.guest.freeKept()),
  command(
    fc.constant(undefined),
    'pause host',
    () => (model, real) => {
      model.pause();
      real.device.tamper.pause();
    },
    isPresent,
  ),
  command(
    fc.constant(undefined),
    'resume host',
    () =>
      (model, real, { world }) => {
        model.resume();
        real.device.tamper.resume();
        world.clock.sleepMs(LATE_ANSWER_MS);
      },
    isPresent,
  ),
  command(
    fc.integer({ min: 1, max: 900 }),
    'pass ms',
    (ms) =>
      (_model, _real, { world }) =>
        world.clock.sleepMs(ms),
  ),
  command(
    fc.constantFrom(1, 4, 0x8000_0000),
    'unexpected interrupt',
    (bits) =>
      (_model, real, { world }) => {
        real.device.tamper.raiseInterrupt(bits);
        world.clock.step();
        expect(real.device.migration.ack, 'ack of an interrupt without a migration').to.equal(0);
      },
    isPresent,
  ),
  command(fc.constant(undefined), 'orderly unplug', () => (_model, _real, { model, world, index }) => {
    model.ports.splice(index, 1);
    world.unplug(index);
  }),
  command(
    fc.constant(undefined),
    'surprise removal',
    () =>
      (model, real, { world }) => {
        model.vanish();
        world.instance.surpriseRemove(real.nic);
        real.clearExpected();
      },
    isPresent,
  ),
  draws.map((draw) => new HotPlug(draw)),
];

/** Traffic commands are about as frequent as all others together. */
export const commands = [...operations, ...control, ...control, ...Array.from({ length: 8 }, () => traffic).flat()];
