import { edit, type Race } from '../build/mutant';

const CONTROL = 'driver/control.ts';
const CHANNEL = 'emulator/device/control/controlChannel.ts';

const ENTRY =
  '  fifoFill(port.address + PORT_REQ, 0, loadPortSyncVaLo(port.address), loadPortSyncVaHi(port.address));\n';
const PUBLISH = '  fifoPublishWrite(port.address + PORT_REQ, 1);\n';
const RESULT = '  storeRequestResult(sync, -Errno.ENOTSUP >>> 0);\n';
const ANSWERED = '    answer.log.answeredAtMs.push(nowMs);\n';

/** Control channel: request, answer, sync area, and the waits for them, on both sides. */
export const controlRaces: readonly Race[] = [
  {
    id: 'race-control-request-after-entry',
    what: 'a request is put on req before the sync area holds it',
    hunt: { check: 'control', memory: 'sc' },
    edits: [
      edit(CONTROL, `${ENTRY}${PUBLISH}`, ''),
      edit(CONTROL, '  fill(sync, 0, REQUEST_BYTES);\n', `${ENTRY}${PUBLISH}  fill(sync, 0, REQUEST_BYTES);\n`),
    ],
  },
  {
    id: 'race-control-id-after-entry',
    what: 'the id of a request is written after the request was put on req',
    hunt: { check: 'control', memory: 'sc' },
    edits: [
      edit(CONTROL, '  storeRequestReqId(sync, id);\n', ''),
      edit(CONTROL, PUBLISH, `${PUBLISH}  storeRequestReqId(sync, id);\n`),
    ],
  },
  {
    id: 'race-control-union-after-entry',
    what: 'the fields of a request are written after the request was put on req',
    hunt: { check: 'control', memory: 'sc' },
    edits: [edit(CONTROL, '  write(sync);\n', ''), edit(CONTROL, PUBLISH, `${PUBLISH}  write(sync);\n`)],
  },
  {
    id: 'race-control-result-after-entry',
    what: 'the result is preset after the request was put on req, perhaps over the answer of the host',
    hunt: { check: 'control', memory: 'sc' },
    edits: [edit(CONTROL, RESULT, ''), edit(CONTROL, PUBLISH, `${PUBLISH}${RESULT}`)],
  },
  {
    id: 'race-control-index-before-entry',
    what: 'the write index of req is published before its slot is filled',
    hunt: { check: 'control', memory: 'sc' },
    edits: [edit(CONTROL, `${ENTRY}${PUBLISH}`, `${PUBLISH}${ENTRY.replace('PORT_REQ, 0,', 'PORT_REQ, 0xffffffff,')}`)],
  },
  {
    id: 'race-control-owed-after-entry',
    what: 'an answer counts as owed only after the request was put on req',
    equivalent: 'only the thread that makes the request reads what is owed',
    edits: [
      edit(CONTROL, '  storePortAnswerOwed(port.address, 1);\n', ''),
      edit(CONTROL, PUBLISH, `${PUBLISH}  storePortAnswerOwed(port.address, 1);\n`),
    ],
  },
  {
    id: 'race-control-result-before-answer',
    what: 'reads the result of a request after a while, whether or not the answer has come',
    hunt: { check: 'control', memory: 'sc' },
    edits: [
      edit(
        CONTROL,
        '  takeAnswerInTime(port, what);\n  checkResult(port, what);\n',
        '  port.platform.clock.sleepMs(REQ_POLL_MS);\n  const early = loadRequestResult(sync) | 0;\n  takeAnswerInTime(port, what);\n  if (early !== -Errno.ENOTSUP) checkResult(port, what);\n  else throw new ErrnoError("ENOTSUP", what);\n',
      ),
    ],
  },
  {
    id: 'race-control-result-not-awaited',
    what: 'takes a request for carried out once the host has taken it off req',
    hunt: { check: 'control', memory: 'sc' },
    edits: [
      edit(CONTROL, '    if (answersWaiting(port) > 0) return;\n', '    if (requestsTaken(port)) return;\n'),
      edit(
        CONTROL,
        '  const lo = fifoPeekLo(resp, 0);\n',
        '  if (answersWaiting(port) === 0) return storePortAnswerOwed(port.address, 0);\n  const lo = fifoPeekLo(resp, 0);\n',
      ),
    ],
  },
  {
    id: 'race-control-no-wait',
    what: 'polls for the answer to a request without letting time pass',
    hunt: { check: 'control', memory: 'sc' },
    edits: [edit(CONTROL, '    port.platform.clock.sleepMs(REQ_POLL_MS);\n', '    port.platform.clock.sleepMs(0);\n')],
  },
  {
    id: 'race-control-one-poll',
    what: 'polls for the answer to a request once',
    hunt: { check: 'control', memory: 'sc' },
    edits: [edit(CONTROL, 'poll < REQ_POLLS; poll++', 'poll < 1; poll++')],
  },
  {
    id: 'race-control-answer-given-back-unread',
    what: 'gives the slot of an answer back before it reads the entry',
    equivalent: 'the host puts no entry on resp before the next request, which the same thread makes afterwards',
    edits: [
      edit(
        CONTROL,
        `  const lo = fifoPeekLo(resp, 0);
  const hi = fifoPeekHi(resp, 0);
  fifoPublishRead(resp, 1);
`,
        `  fifoPublishRead(resp, 1);
  const lo = fifoPeekLo(resp, 0xffff_ffff);
  const hi = fifoPeekHi(resp, 0xffff_ffff);
`,
      ),
    ],
  },
  {
    id: 'race-host-result-after-answer',
    what: 'the host puts the answer on resp before it writes the result',
    hunt: { check: 'control', memory: 'sc' },
    edits: [
      edit(CHANNEL, '    storeRequestResult(loadHostPortSync(port), answer.result >>> 0);\n', ''),
      edit(CHANNEL, ANSWERED, `    storeRequestResult(loadHostPortSync(port), answer.result >>> 0);\n${ANSWERED}`),
    ],
  },
  {
    id: 'race-host-answer-index-before-slot',
    what: 'the host publishes the write index of resp before it fills the slot',
    hunt: { check: 'control', memory: 'sc' },
    edits: [
      edit(
        CHANNEL,
        '    fifoFill(resp, 0, low32(entry), high32(entry));\n    fifoPublishWrite(resp, 1);\n',
        '    fifoPublishWrite(resp, 1);\n    fifoFill(resp, 0xffff_ffff, low32(entry), high32(entry));\n',
      ),
    ],
  },
  {
    id: 'race-host-rights-after-answer',
    what: 'the host grants the rings after it has answered the request that asks for them',
    hunt: { check: 'attach', memory: 'sc' },
    edits: [
      edit(
        CHANNEL,
        '    if (answer.result === 0 && answer.entry === null && hasRoom) handler.answering(answer.log.reqId);\n',
        '',
      ),
      edit(
        CHANNEL,
        ANSWERED,
        `    if (answer.result === 0 && answer.entry === null) handler.answering(answer.log.reqId);\n${ANSWERED}`,
      ),
    ],
  },
  {
    id: 'race-host-answers-before-carrying-out',
    what: 'the host answers a request before it carries it out',
    hunt: { check: 'attach', memory: 'sc' },
    edits: [
      edit(
        CHANNEL,
        '    const real = carriedOut ? handler.carryOut(request) : 0;\n',
        `    storeRequestResult(loadHostPortSync(host.port), 0);
    this.respond(host, (BigInt(loadHostPortSyncHi(host.port)) << 32n) | BigInt(loadHostPortSyncLo(host.port)));
    const real = carriedOut ? handler.carryOut(request) : 0;
`,
      ),
      edit(CHANNEL, 'i < (plan.answers ?? 1)', 'i < (plan.answers ?? 0)'),
    ],
  },
];
