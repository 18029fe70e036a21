import { expect } from 'chai';
import type { JsonProcess } from '../jsonProcess';

/**
 * Detaches the guest of NIC 0 and attaches it again; expects an ack for each.
 * @param layout seed of the next host's memory layout; without one, the host lays its memory out as it likes.
 */
export async function migrate(serve: JsonProcess, layout?: number): Promise<void> {
  expect(await serve.ask('detach')).to.have.nested.property('nics[0].outcome', 'acked');
  const attach = layout === undefined ? 'attach' : `attach ${layout}`;
  expect(await serve.ask(attach)).to.have.nested.property('nics[0].outcome', 'acked');
}
