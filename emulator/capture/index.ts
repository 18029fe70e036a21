export { CaptureError, MAX_FRAME_LENGTH, type Capture, type CapturedFrame, type CapturedInterface } from './capture';
export { PcapngWriter } from './pcapngWriter';
export { readCapture, readCaptureFile } from './readCapture';
