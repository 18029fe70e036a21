/** Commands that do what an operator of the cloud does: migrate, plug, unplug; and the single events of a migration. */
import { ackOutcome } from '../../../emulator/machine/ackOutcome';
import { ErrnoError, UsageError } from '../../../shared/errors';
import { MIGRATION_DETACHED } from '../../../shared/loops/layout';
import { wholeNumber } from '../../runtime/lineCommands';
import type { Outcome, ShellCommands, ShellContext } from '../command';
import type { FoundAvpNic } from '../machines';

const MAX_U32 = 0xffff_ffff;
const SEE = 'step or run lets the guest answer; registers and timeline show it';

function detach({ machines }: ShellContext, [name]: readonly string[]): Outcome {
  const chosen = machines.avpNicsCalled(name);
  const busy = chosen.find(({ device }) => device.migration.status === MIGRATION_DETACHED);
  if (busy !== undefined) throw new UsageError(`${busy.nic.name} is detached already: attach it first`);
  for (const { device } of chosen) device.beginDetach();
  const nics = chosen.map(({ nic }) => nic.name);
  return { text: `detach event at ${nics.join(', ')}\n${SEE}`, result: { nics } };
}

/** Splits `[NIC] [SEED]`; a number alone is the seed. */
function attachWords([first, second]: readonly string[]): readonly [
  name: string | undefined,
  seed: string | undefined,
] {
  return second === undefined && first !== undefined && /^\d+$/.test(first) ? [undefined, first] : [first, second];
}

/** Returns the rings to a guest that has not answered the detach, like a host whose patience has ended (section 15). */
function attachAgain({ nic, device }: FoundAvpNic, seed: number | null): string {
  if (seed !== null)
    throw new UsageError(
      `${nic.name}: the guest has not answered the detach, so its host can't be replaced: let time pass, or leave out the seed`,
    );
  device.beginAttach();
  return `${nic.name} has not answered the detach: an attach event at its old host`;
}

function attachElsewhere({ nic, device, node }: FoundAvpNic, seed: number | null): string {
  device.replaceHost(nic.settingsAt(node.host, seed === null ? {} : { layout: { seed } }));
  device.beginAttach();
  return `${nic.name} has another host, and an attach event`;
}

function attach({ machines }: ShellContext, words: readonly string[]): Outcome {
  const [name, given] = attachWords(words);
  const chosen = machines.avpNicsCalled(name);
  const other = chosen.find(({ device }) => device.migration.status !== MIGRATION_DETACHED);
  if (other !== undefined) throw new UsageError(`${other.nic.name} is not detached: detach it first`);
  const seed = given === undefined ? null : wholeNumber('seed', given, 0, MAX_U32);
  const done = chosen.map((one) => {
    const isAnswered = ackOutcome(one.device, MIGRATION_DETACHED) !== null;
    return { nic: one.nic.name, replaced: isAnswered, text: (isAnswered ? attachElsewhere : attachAgain)(one, seed) };
  });
  return {
    text: [...done.map(({ text }) => text), SEE].join('\n'),
    result: { nics: done.map(({ nic, replaced }) => ({ nic, replaced })), seed },
  };
}

function migrate({ machines, bench, migrations }: ShellContext, [name, to]: readonly string[]): Outcome {
  const instance = machines.instance(name!);
  const from = instance.node;
  const others = machines.nodes.filter((node) => node !== from);
  const node = to === undefined ? (others[0] ?? from) : machines.node(to);
  migrations.push(bench.startMigration(instance, node));
  return {
    text: `${instance.name} starts to migrate from ${from.name} to ${node.name}: step or run carries it out, migrations shows how far it is`,
    result: { instance: instance.name, from: from.name, to: node.name },
  };
}

function boot({ machines }: ShellContext, [nodeName, name, ...nics]: readonly string[]): Outcome {
  const { ports } = machines.node(nodeName!).boot(name!, nics);
  return {
    text: `${name} runs on ${nodeName}, with ${ports.length} AVP ports started`,
    result: { instance: name!, node: nodeName!, ports: ports.map((port) => port.name) },
  };
}

function plug({ machines }: ShellContext, [name, spec]: readonly string[]): Outcome {
  const instance = machines.instance(name!);
  const known = machines.nics.map(({ nic }) => nic);
  const port = instance.plug(spec!);
  const added = machines.nics.find(({ nic }) => !known.includes(nic))!.nic;
  const state = port === null ? 'no driver of the bench takes it' : 'its port is started';
  return {
    text: `${added.name} is in slot ${added.bdf}: ${state}`,
    result: { nic: added.name, slot: added.bdf, started: port !== null },
  };
}

function unplug({ machines }: ShellContext, [name, how]: readonly string[]): Outcome {
  if (how !== undefined && how !== 'surprise') throw new UsageError(`'${how}': expected surprise, or nothing`);
  const { nic, machine, port } = machines.avpNic(name!);
  if (how === 'surprise') {
    machine.surpriseRemove(nic);
    return { text: `${nic.name} has vanished: its guest reads all ones`, result: { nic: nic.name, surprise: true } };
  }
  const instance = machines.instances.find((one) => port !== null && one.ports.includes(port));
  if (machine.migration !== null)
    throw new ErrnoError('EBUSY', `${machine.name} is migrating: unplug its NIC when that has ended`);
  if (port === null || instance === undefined) machine.hotUnplug(nic);
  else instance.unplugPort(port);
  return { text: `${nic.name} is unplugged`, result: { nic: nic.name, surprise: false } };
}

export const CONTROL_COMMANDS: ShellCommands = {
  detach: {
    usage: 'detach [NIC]',
    about: 'raises the detach event of a live migration, and leaves it to you how time goes on',
    least: 0,
    most: 1,
    takes: ['nic'],
    run: detach,
  },
  attach: {
    usage: 'attach [NIC] [SEED]',
    about:
      'puts another host behind a detached device, with memory laid out by the seed, and raises the attach event; a guest that has not answered the detach gets its old host back',
    least: 0,
    most: 2,
    takes: ['nic', 'any'],
    run: attach,
  },
  migrate: {
    usage: 'migrate INSTANCE [NODE]',
    about: 'starts a live migration to another node, or to its own where there is only one',
    least: 1,
    most: 2,
    takes: ['instance', 'node'],
    run: migrate,
  },
  boot: {
    usage: 'boot NODE NAME NIC...',
    about: 'boots another instance, for example boot compute-0 peer net-id=A,vif-model=avp',
    least: 3,
    most: 18,
    takes: ['node', 'any'],
    run: boot,
  },
  plug: {
    usage: 'plug INSTANCE net-id=NET[,vif-model=avp|virtio]',
    about: 'attaches a NIC while the guest runs, and starts an application on it',
    least: 2,
    most: 2,
    takes: ['instance', 'any'],
    run: plug,
  },
  unplug: {
    usage: 'unplug NIC [surprise]',
    about: 'removes a NIC: the application closes it and the driver lets go, or it vanishes by surprise',
    least: 1,
    most: 2,
    takes: ['nic', 'any'],
    run: unplug,
  },
};
