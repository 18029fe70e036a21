import type { Command } from 'commander';
import { faultTexts } from '../../testbench/faults/page';
import { makeCommand, STATUS_GOOD } from '../command';
import type { CommonOptions, Output } from '../output';

function list(_options: CommonOptions, output: Output): number {
  const { common, faults } = faultTexts();
  const width = Math.max(...faults.map(({ name }) => name.length));
  for (const { name, about, parameters } of faults) {
    const own = parameters.map((one) => `${one.name}=${String(one.default)}`).join(' ');
    output.text(`${name.padEnd(width)}  ${about}${own === '' ? '' : ` [${own}]`}`);
  }
  const all = common.map((one) => `${one.name}=${String(one.default)}`).join(' ');
  output.text(`\n${faults.length} faults; each also has [${all}]`);
  output.json({ faults, common });
  return STATUS_GOOD;
}

/** `avp faults`: lists the faults that can be put. */
export function faultsCommand(onStatus: (status: number) => void): Command {
  return makeCommand<object>(
    {
      name: 'faults',
      examples: [
        ['avp faults', 'all of them'],
        ['avp faults --json -', 'with what each parameter means'],
        ['avp run three-nics --fault network.loss:percent=5,times=0', 'put one'],
      ],
      seedAbout: 'accepted like everywhere, and without effect: nothing here is random',
    },
    list,
    onStatus,
  );
}
