import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import { withVlanTag } from '../../../shared/ethernet';

const TCI = 0x6123;

/** Sends a frame that asks for a tag. The driver may drop it but must not send it untagged. */
async function expectTaggedOrDropped(t: ClauseContext, { nic, port }: Running, when: string): Promise<void> {
  const frame = t.frameFrom(nic, 100);
  await port.send(0, [{ bytes: frame, vlanTci: TCI }]);
  await t.settle();
  const sent = nic.taken();
  t.expect.frames(`on the network ${when}`, sent, sent.length === 0 ? [] : [withVlanTag(frame, TCI)]);
}

/** Delivers a tagged frame and checks that its tag arrives, either in the frame or in the mbuf. */
async function expectTagArrives(t: ClauseContext, { nic, port }: Running, when: string): Promise<void> {
  const tagged = withVlanTag(t.frameTo(nic, 100), TCI);
  nic.deliver(tagged);
  const received = await t.drain(port);
  const whole = received.map(({ bytes, vlanTci }) => (vlanTci === null ? bytes : withVlanTag(bytes, vlanTci)));
  t.expect.frames(`received ${when}`, whole, [tagged]);
}

/** Changes of VLAN offload for which the driver cannot know whether they took effect. */
export const vlanUnansweredClauses: readonly Clause[] = [
  clause({
    id: 'vlan/13',
    title: 'a change of VLAN offload without an answer loses no tag',
    level: 'SHOULD',
    section: '12',
    basis: 'reading',
    needs: ['calls-meanwhile', 'mbuf-tags', 'tag-per-frame'],
    goal: 'Nothing that belongs to a VLAN goes without its tag while the two sides may differ',
    steps: [
      'leave the config request of a change without an answer, on and off, carried out by the host and not',
      'send frames that ask for a tag, before the timeout and after it, and deliver tagged ones',
      'ask for the former setting, send and deliver again',
    ],
    requirement:
      'Until the host has answered a request 3, a guest asks for no tag that the host might not put in, and hands over each tag that it took out',
    host: 'wrong',
    note: 'What follows a request without an answer is documented nowhere.',
    run: async (t) => {
      for (const on of [false, true])
        for (const answer of [{ never: true }, { never: true, result: -16 }]) {
          const running = await t.started({ vlanStrip: on, vlanInsert: on });
          const { nic, port } = running;
          nic.answerNext(answer);
          const calls: Promise<unknown>[] = [];
          const early = t.frameFrom(nic, 200);
          nic.onRequest(() => {
            nic.onRequest(null);
            calls.push(port.send(0, [{ bytes: early, vlanTci: TCI }]));
          });
          const change = `the change to ${!on}, ${'result' in answer ? 'not ' : ''}carried out`;
          t.expect.refusal(change, await port.setVlanOffload({ strip: !on, insert: !on }), 'ETIME');
          await Promise.all(calls);
          const meanwhile = nic.taken();
          t.expect.frames(
            `on the network during ${change}`,
            meanwhile,
            meanwhile.length === 0 ? [] : [withVlanTag(early, TCI)],
          );
          await expectTaggedOrDropped(t, running, `after ${change}`);
          await expectTagArrives(t, running, `after ${change}`);
          t.expect.success('the former setting', await port.setVlanOffload({ strip: on, insert: on }));
          t.expect.equal('features in the last config request', nic.requests.at(-1)?.config.features, on ? 1 : 0);
          await expectTaggedOrDropped(t, running, 'with the former setting');
          await expectTagArrives(t, running, 'with the former setting');
        }
    },
  }),
];
