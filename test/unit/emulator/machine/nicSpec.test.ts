import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import { parseNicSpec, resolveNicSpec, type NicSpec } from '../../../../emulator/machine/nicSpec';

describe('NIC spec', () => {
  it('parses net-id and vif-model in any order, with virtio as the default model', () => {
    expect(parseNicSpec('net-id=A')).to.deep.equal({ network: 'A', model: 'virtio' });
    expect(parseNicSpec('net-id=A,vif-model=avp')).to.deep.equal({ network: 'A', model: 'avp' });
    expect(parseNicSpec('vif-model=virtio,net-id=a=b')).to.deep.equal({ network: 'a=b', model: 'virtio' });
    expect(parseNicSpec('net-id=6b8d0a34-5d0c-4a21,vif-model=avp').network).to.equal('6b8d0a34-5d0c-4a21');
  });

  const bad: readonly [text: string, why: string][] = [
    ['', 'it is empty'],
    ['  ', 'it is empty'],
    ['vif-model=avp', 'net-id is missing'],
    ['net-id=', 'net-id is empty'],
    ['net-id=A,vif-model=e1000', "unknown vif-model 'e1000'"],
    ['net-id=A,vif-model=', "unknown vif-model ''"],
    ['net-id=A,vif-model=AVP', "unknown vif-model 'AVP' (did you mean 'avp'?)"],
    ['net-id=A,port-id=7', "unknown key 'port-id' (did you mean 'net-id'?)"],
    ['net-id=A,', "'' is no KEY=VALUE"],
    ['A', "'A' is no KEY=VALUE"],
    ['net-id=A,net-id=B', 'net-id comes twice'],
    [' net-id=A', "unknown key ' net-id' (did you mean 'net-id'?)"],
    ['__proto__=A', "unknown key '__proto__'"],
  ];
  for (const [text, why] of bad)
    it(`refuses '${text}'`, () => {
      expect(() => parseNicSpec(text))
        .to.throw(UsageError, `NIC '${text}': ${why}; expected net-id=NET[,vif-model=avp|virtio]`)
        .with.property('code', 'USAGE');
    });

  it('is refused in one line, whatever the text contains', () => {
    expect(() => parseNicSpec('a\nb\u001b[31m')).to.throw(UsageError, /^[^\p{Cc}]+$/u);
  });

  it('may be an object, and is refused if it contradicts itself', () => {
    expect(resolveNicSpec({ network: 'A' })).to.deep.equal({ network: 'A', model: 'virtio' });
    const full: NicSpec = { network: 'A', model: 'avp', mac: '02:00:00:00:00:01', settings: { mbufSize: 1_024 } };
    expect(resolveNicSpec(full)).to.deep.equal(full);
    expect(() => resolveNicSpec({ network: '' })).to.throw(UsageError, 'NIC without a network');
    expect(() => resolveNicSpec({ network: 'A', settings: {} })).to.throw(UsageError, 'settings are for the model avp');
    expect(() => resolveNicSpec({ network: 'A', model: 'e1000' as 'avp' })).to.throw(
      UsageError,
      "unknown model 'e1000'",
    );
  });
});
