/** usage: toPcapng.ts FROM TO NAME: rewrites a capture as pcapng with one interface called NAME. */
import { writeFileSync } from 'node:fs';
import { PcapngWriter, readCaptureFile } from '../../emulator/capture';

const [from, to, name] = process.argv.slice(2);
if (from === undefined || to === undefined || name === undefined) {
  console.error('usage: toPcapng.ts FROM TO NAME');
  process.exitCode = 2;
} else {
  const writer = new PcapngWriter();
  const index = writer.addInterface(name);
  for (const { timeNs, bytes, comments } of readCaptureFile(from).frames) {
    writer.writeFrame(index, timeNs, bytes, comments);
  }
  writeFileSync(to, writer.toBytes());
}
