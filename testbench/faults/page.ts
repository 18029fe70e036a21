/** The faults as text: for `avp faults`, and for the table in docs/faults.md. */
import { COMMON_PARAMETERS, type Fault, FAULT_CLASSES, type ParameterText, parameterTexts } from './fault';
import type { Seam } from './site';
import { FAULT_NAMES, FAULTS } from './registry';

/** A fault, for lists. */
export interface FaultText {
  readonly name: string;
  readonly class: string;
  readonly about: string;
  readonly operation: string;
  readonly seam: Seam;
  readonly parameters: readonly ParameterText[];
}

/** Texts of all faults, for lists. */
export interface FaultTexts {
  /** Parameters that every fault has. */
  readonly common: readonly ParameterText[];
  readonly faults: readonly FaultText[];
}

/** Lists all faults, class by class. */
export function faultTexts(): FaultTexts {
  const faults = FAULT_NAMES.map((name): FaultText => {
    const { about, operation, seam, parameters } = FAULTS[name] as unknown as Fault;
    return { name, class: name.split('.')[0]!, about, operation, seam, parameters: parameterTexts(parameters) };
  });
  const place = (one: FaultText): number => FAULT_CLASSES.findIndex((known) => known === one.class);
  return {
    common: parameterTexts(COMMON_PARAMETERS),
    faults: faults.sort((one, other) => place(one) - place(other)),
  };
}

const BEGIN = '<!-- Written by `make generate` from testbench/faults/registry.ts. -->\n';
const END = '<!-- end -->';

function parameterCell({ name, default: standard, words }: ParameterText): string {
  const choices = words === undefined ? '' : ` (${words.join(', ')})`;
  return `\`${name}=${String(standard)}\`${choices}`;
}

function table(faults: readonly FaultText[]): string {
  const rows = faults.map(
    ({ name, about, operation, parameters }) =>
      `| \`${name}\` | ${about} | ${operation} | ${parameters.map(parameterCell).join('; ')} |`,
  );
  return ['| fault | what goes wrong | operation | parameters |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

/** Writes the table of all faults into the text of the page docs/faults.md. */
export function faultsPage(page: string): string {
  const [before, rest] = page.split(BEGIN) as [string, string];
  const after = rest.slice(rest.indexOf(END));
  return `${before}${BEGIN}${table(faultTexts().faults)}${after}`;
}
