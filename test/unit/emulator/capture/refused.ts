import { expect } from 'chai';
import { CaptureError, readCapture } from '../../../../emulator/capture';

/** Reads `bytes` as 'x.cap', expects a CaptureError with a message of one line, and returns it. */
export function refused(bytes: Uint8Array): CaptureError {
  try {
    readCapture(bytes, 'x.cap');
  } catch (error) {
    expect(error).to.be.instanceOf(CaptureError);
    const refusal = error as CaptureError;
    expect(refusal.message).to.match(/^x\.cap[^\n]*$/);
    expect(refusal.message).to.include(`byte ${refusal.offset}`);
    return refusal;
  }
  throw new Error('the capture was not refused');
}
