import { expect } from 'chai';
import { escapeHtml, html } from '../../../../testbench/pages/markup';

describe('markup', () => {
  it('escapes inserted text, but not inserted markup', () => {
    const inner = html`<b title="${`"'&<>`}">${'<i>'}</b>`;
    expect(html`${inner}${[1, null, '&']}`.text).to.equal('<b title="&quot;&#39;&amp;&lt;&gt;">&lt;i&gt;</b>1&amp;');
  });

  it('replaces control characters, lone surrogates and bidirectional overrides, and keeps all other text', () => {
    expect(escapeHtml('a\u0000\u001b\u007f\u202e\ud800b')).to.equal('a\ufffd\ufffd\ufffd\ufffd\ufffdb');
    expect(escapeHtml('\tü→漢😀\n')).to.equal('\tü→漢😀\n');
  });
});
