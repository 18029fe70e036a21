import { expect } from 'chai';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { junitXml } from '../../../../../testbench/conformance/reports/junit';
import { NASTY, sampleReport } from './sampleReport';
import { someResult, someRun } from '../results';

type Attributes = Readonly<Record<string, string>>;
interface Ending {
  readonly '@': Attributes;
  readonly '#text': string;
}
interface Case {
  readonly '@': Attributes;
  readonly failure?: Ending;
  readonly error?: Ending;
  readonly skipped?: Ending;
  readonly 'system-out'?: string;
  readonly properties?: { readonly property: readonly { readonly '@': Attributes }[] };
}
interface Suite {
  readonly '@': Attributes;
  readonly properties: { readonly property: readonly { readonly '@': Attributes }[] };
  readonly testcase: readonly Case[];
}
interface Report {
  readonly '@': Attributes;
  readonly testsuite: readonly Suite[];
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  attributesGroupName: '@',
  parseTagValue: false,
  trimValues: false,
  isArray: (name) => ['testsuite', 'testcase', 'property'].includes(name),
});

function parsed(xml: string): Report {
  expect(XMLValidator.validate(xml)).to.equal(true);
  return (parser.parse(xml) as { testsuites: Report }).testsuites;
}

function caseOf(report: Report, id: string): Case {
  return report.testsuite.flatMap(({ testcase }) => testcase).find((one) => one['@']['name']!.startsWith(`${id}:`))!;
}

describe('JUnit XML', () => {
  it('has a suite for each chapter with sums, time, the seed and the engine', () => {
    const report = parsed(junitXml([sampleReport()]));
    expect(report['@']).to.deep.equal({
      name: 'avp conform',
      tests: '10',
      failures: '3',
      errors: '2',
      skipped: '2',
      time: '10.500',
    });
    expect(report.testsuite.map((suite) => suite['@'])).to.deep.equal([
      {
        name: 'avp: pci: PCI identity, BARs and registers',
        timestamp: '2026-01-02T03:04:05',
        tests: '1',
        failures: '0',
        errors: '0',
        skipped: '0',
        time: '1.500',
      },
      {
        name: 'avp: rx: Receive path',
        timestamp: '2026-01-02T03:04:05',
        tests: '3',
        failures: '1',
        errors: '0',
        skipped: '1',
        time: '4.500',
      },
      {
        name: 'avp: tx: Transmit path',
        timestamp: '2026-01-02T03:04:05',
        tests: '3',
        failures: '0',
        errors: '2',
        skipped: '1',
        time: '4.500',
      },
      {
        name: 'avp: waivers',
        timestamp: '2026-01-02T03:04:05',
        tests: '3',
        failures: '2',
        errors: '0',
        skipped: '0',
        time: '0.000',
      },
    ]);
    for (const { properties } of report.testsuite)
      expect(properties.property.map((one) => one['@']))
        .to.deep.include({ name: 'seed', value: '5' })
        .and.deep.include({ name: 'engine', value: 'ts' });
  });

  it('has a case for each clause, with class, name, time, level and basis', () => {
    const one = caseOf(parsed(junitXml([sampleReport()])), 'pci/1');
    expect(one).to.deep.equal({
      '@': { classname: 'avp.conform.avp.pci', name: 'pci/1: title of pci/1', time: '1.500' },
      properties: {
        property: [{ '@': { name: 'level', value: 'MUST' } }, { '@': { name: 'basis', value: 'protocol' } }],
      },
    });
  });

  it('describes each finding in a message of one line and a text', () => {
    const report = parsed(junitXml([sampleReport()]));
    const { failure } = caseOf(report, 'rx/2');
    expect(failure!['@']['type']).to.equal('MUST');
    expect(failure!['@']['message']).to.match(
      /^expected number of packets: 0, actual 1 at driver\/loops\/rx\.ts x+\.\.\.$/,
    );
    expect(failure!['#text']).to.match(
      /^requirement: A packet[^]*\nexpected: [^]*\nactual: [^]*\nreplay: npx avp conform rx\/2 --seed 5$/,
    );
    expect(caseOf(report, 'tx/1').skipped!['@']['message']).to.equal('target avp lacks the capability mbuf-forms');
    expect(caseOf(report, 'tx/2').error!['@']).to.deep.equal({
      message: 'probe was refused with EINVAL',
      type: 'blocked',
    });
    expect(caseOf(report, 'tx/3').error!['@']).to.deep.equal({
      message: 'time limit: no end after 20000 ms',
      type: 'error',
    });
    const { skipped: waived } = caseOf(report, 'rx/3');
    expect(waived!['@']['message']).to.match(/^waived until 2026-12-31: known/);
    expect(waived!['#text']).to.match(/\nexpected: [^]*\nreplay: npx avp conform rx\/3 --seed 5$/);
  });

  it('escapes text, and leaves out characters that XML cannot hold', () => {
    const xml = junitXml([
      someRun([someResult('rx/1', 'fail', `a ]]> ${NASTY}`), someResult('rx/2', 'error', '\ufffe\uffff\u001b[31m')]),
    ]);
    expect(xml).not.to.match(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff\ud800-\udfff]/);
    expect(caseOf(parsed(xml), 'rx/1').failure!['#text']).to.include(
      'a ]]> <img src=x onerror="document.title=1"> & </script>',
    );
  });

  it('separates several targets, each with its own waivers', () => {
    const waiver = { reason: 'x', expires: '2027-01-01', detail: 'd', id: 'rx/1' } as const;
    const [ours, theirs, nobodys] = ['avp', 'dpdk', 'nope'].map((target) => ({ ...waiver, target }));
    const avp = someRun([someResult('rx/1', 'pass')], {
      waivers: [
        { ...ours!, state: 'unused' },
        { ...theirs!, state: 'unjudged' },
        { ...nobodys!, state: 'unknown' },
      ],
    });
    const dpdk = someRun([someResult('rx/1', 'fail', 'd')], {
      target: { name: 'dpdk', version: '22.11' },
      waivers: [
        { ...ours!, state: 'unjudged' },
        { ...theirs!, state: 'expired' },
        { ...nobodys!, state: 'unknown' },
      ],
    });
    const { testsuite, '@': sums } = parsed(junitXml([avp, dpdk]));
    expect(
      testsuite.map((suite) => `${suite['@']['name']} ${suite['@']['tests']} ${suite['@']['failures']}`),
    ).to.deep.equal([
      'avp: rx: Receive path 1 0',
      'avp: waivers 2 2',
      'dpdk: rx: Receive path 1 1',
      'dpdk: waivers 1 1',
    ]);
    expect(sums).to.include({ tests: '5', failures: '4' });
    expect(testsuite[2]!.testcase[0]!['@']['classname']).to.equal('avp.conform.dpdk.rx');
    expect(testsuite[2]!.properties.property.map((one) => one['@'])).to.deep.include({
      name: 'target version',
      value: '22.11',
    });
  });

  it('is valid if nothing ran', () => {
    expect(parsed(junitXml([someRun([])]))['@']).to.include({ tests: '0' });
  });
});
