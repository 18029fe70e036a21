import { expect } from 'chai';
import { UsageError } from '../../../../../shared/errors';
import { requireHold, runHeld } from '../../../../../testbench/explore/search/holdByHand';
import { parseHold, placesOf } from '../../../../../testbench/explore/search/places';
import { dekker, lateChange, lostUpdate } from './racyWorlds';

describe('a hold by hand', () => {
  it('keeps an actor between two of its accesses, while the others run', () => {
    const { run, from, to, gaveUp } = runHeld(
      lostUpdate(1),
      parseHold('first@after:counter,before:counter', undefined),
    );
    expect(run.failure?.cause).to.equal('an update is lost');
    expect({ from, to, gaveUp }).to.deep.equal({ from: 1, to: 3, gaveUp: false });
  });

  it('lets virtual time pass without the actor', () => {
    expect(runHeld(lateChange(true), parseHold('looker@after:x', undefined)).run.failure?.cause).to.equal(
      'the word has changed',
    );
  });

  it('ends when something has happened, or when nothing else can', () => {
    const early = runHeld(dekker('sc', false), parseHold('left@before:y', 'y'));
    expect(early.run.failure).to.equal(null);
    expect(early.to).to.equal(2);
    expect(runHeld(lostUpdate(1), parseHold('first@before:counter', 'nothing')).gaveUp).to.equal(true);
  });

  it('never begins where the actor does not come to the place', () => {
    expect(runHeld(lostUpdate(1), parseHold('first@before:elsewhere', undefined)).from).to.equal(-1);
  });

  it('refuses what the world has not, and lists what it has', () => {
    const world = dekker('sc', true);
    expect(placesOf(world)).to.deep.include({ actor: 'left', access: 'store', name: 'x', where: '' });
    expect(placesOf(world).map(({ actor, name }) => `${actor} ${name}`)).to.deep.equal([
      'left fence',
      'left x',
      'left y',
      'right fence',
      'right x',
      'right y',
    ]);
    for (const [text, until] of [
      ['nobody@before:x', undefined],
      ['left@before:z', undefined],
      ['left@before:x', 'z'],
    ] as const)
      expect(() => requireHold(world, parseHold(text, until)), text).to.throw(UsageError);
    for (const text of ['', '@before:x', 'left@during:x', 'left@before:', 'left@x'])
      expect(() => parseHold(text, undefined), text).to.throw(UsageError, /expected ACTOR@after:NAME,before:NAME/);
  });
});
