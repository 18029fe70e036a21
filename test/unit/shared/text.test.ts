import { expect } from 'chai';
import { fnv1a } from '../../../shared/fnv1a';
import { hex, hex32, hex64 } from '../../../shared/hex';
import { visible, visibleJson, visibleLine } from '../../../shared/visible';

describe('numbers in messages', () => {
  it('have at least as many digits as asked for', () => {
    expect([hex(0), hex(0x1f), hex(0x1fn, 4), hex(0x12345, 2)]).to.deep.equal(['0x0', '0x1f', '0x001f', '0x12345']);
    expect([hex32(0x40), hex64(0x1_0000_0000n)]).to.deep.equal(['0x00000040', '0x0000000100000000']);
  });
});

describe('text made visible', () => {
  it('writes each control character as an escape of two or four digits, or as a short one', () => {
    expect(visible('\0\x07\x1b\x7f\x9f')).to.equal('\\x00\\x07\\x1b\\x7f\\x9f');
    expect(visible('\u061c\u200e\u2028\u202e\u2066\ufeff')).to.equal('\\u061c\\u200e\\u2028\\u202e\\u2066\\ufeff');
    expect(visible('\r')).to.equal('\\r');
    expect(visible('a\x1b\x1bb')).to.equal('a\\x1b\\x1bb');
  });

  it('keeps lines and tabs, unless the text is to be one line', () => {
    expect(visible('a\n\tb\n')).to.equal('a\n\tb\n');
    expect(visibleLine('a\n\tb\n\r')).to.equal('a\\n\\tb\\n\\r');
  });

  it('leaves printable characters of any script alone', () => {
    for (const text of ['', ' ~', '\xa0é', '中文', '👋', '\\x1b']) expect(visibleLine(text)).to.equal(text);
  });

  it('is JSON with four digits for each invisible character', () => {
    expect(visibleJson({ a: '\x7f\u202e' })).to.equal('{"a":"\\u007f\\u202e"}');
    expect(visibleJson(['a'], 2)).to.equal('[\n  "a"\n]');
  });
});

describe('FNV-1a', () => {
  it('has the published values', () => {
    expect([fnv1a(''), fnv1a('a'), fnv1a('foobar')]).to.deep.equal([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });

  it('hashes the bytes of UTF-8', () => {
    expect(fnv1a('é')).to.equal(0x1e9de8c1);
  });
});
