import { proveFaults } from './observe';

/** The request that configures the port, which is the first. */
const FIRST = {};
/** The shutdown of the detach. */
const SHUTDOWN = { after: 2 };

proveFaults('ctrl', {
  'ctrl.no-response': { with: FIRST, shows: ({ boot }) => boot.includes('did not answer') },
  'ctrl.request-lost': { with: SHUTDOWN, shows: ({ migration }) => migration?.outcome !== 'completed' },
  'ctrl.late-response': { with: { ...SHUTDOWN, delayMs: '100ms' }, shows: ({ answerMs }) => answerMs.includes(100) },
  'ctrl.held-response': { with: SHUTDOWN, shows: ({ migration }) => migration?.outcome === 'refused' },
  'ctrl.doubled-response': { with: SHUTDOWN, shows: ({ answers }) => answers.includes(2) },
  'ctrl.wrong-address': { with: FIRST, shows: ({ boot }) => boot.includes('not sync_va') },
  'ctrl.zero-address': { with: FIRST, shows: ({ boot }) => boot.includes('not sync_va') },
  'ctrl.wrong-result': { with: { errno: 'ENOMEM' }, shows: ({ boot }) => boot.includes('ENOMEM') },
  'ctrl.positive-result': { with: FIRST, shows: ({ boot }) => boot.includes('result is 7') },
  'ctrl.false-refusal': { with: SHUTDOWN, shows: ({ migration }) => migration?.outcome === 'refused' },
  'ctrl.false-success': { with: { after: 1 }, shows: ({ arrived }) => arrived[0] < 150 },
  'ctrl.request-read-twice': { with: SHUTDOWN, shows: ({ answers }) => answers.length === 5 },
  'ctrl.stale-response': { with: FIRST, shows: ({ boot }) => boot.includes('ENOTSUP') },
  'ctrl.unasked-response': { with: { entry: 'random' }, shows: ({ boot }) => boot.includes('not sync_va') },
});
