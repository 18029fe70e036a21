import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { BrowserContext, Page } from 'playwright-core';
import { findBrowser, HOW_TO_INSTALL, startBrowser } from './browser';
import { TemporaryFolder } from './temporaryFolder';

/** Half of a screen of 1,000 pixels, and a desk. */
export const WIDTHS = [500, 1_280] as const;
export const SCHEMES = ['light', 'dark'] as const;
export type Scheme = (typeof SCHEMES)[number];

const HEIGHT = 900;
/** A page may show a run that takes place first. */
const MAKE_LIMIT_MS = 300_000;
/** Impacts of axe-core's violations that no page may have. */
const GRAVE = ['serious', 'critical'];

interface AxeViolation {
  readonly impact: string;
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/**
 * A page in a real browser, for one suite of tests. Skips the suite where there is no browser, and says so. Collects
 * complaints: messages of the console, errors, and requests of anything but files.
 */
export class PageInBrowser {
  readonly complaints: string[] = [];
  private readonly folder = new TemporaryFolder();
  private browser: BrowserContext | null = null;
  private url = '';
  private opened: Page | null = null;

  /**
   * To be called in the body of a suite.
   * @param title of the suite, for the message that it is skipped.
   * @param make the text of the page.
   */
  constructor(title: string, make: () => string | Promise<string>) {
    const { folder } = this;
    after(() => this.browser?.close());
    folder.perSuite();
    before(async function () {
      if (findBrowser() === null) {
        process.stdout.write(`      ${title}: skipped, ${HOW_TO_INSTALL}\n`);
        this.skip();
      }
    });
    const write = async (): Promise<void> => {
      const file = folder.file('page.html');
      writeFileSync(file, await make());
      this.url = pathToFileURL(file).href;
    };
    before(async function () {
      this.timeout(MAKE_LIMIT_MS);
      await write();
    });
    beforeEach(() => {
      this.complaints.length = 0;
    });
  }

  get page(): Page {
    return this.opened!;
  }

  /** Starts the browser, with scripts on or off. */
  async start(scripts: boolean): Promise<void> {
    await this.browser?.close();
    this.browser = await startBrowser(findBrowser()!, mkdtempSync(this.folder.file('profile-')), { scripts });
    const page = await this.browser.newPage();
    page.on('console', (message) => this.complaints.push(message.text()));
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on(
      'request',
      (request) => /^(file|data):/.test(request.url()) || this.complaints.push(`request of ${request.url()}`),
    );
    this.opened = page;
  }

  /** Opens the page anew. @param hash what follows `#` in its address */
  async open(width: number, scheme: Scheme = 'light', hash = ''): Promise<void> {
    const { page } = this;
    await page.emulateMedia({ media: 'screen', colorScheme: scheme });
    await page.setViewportSize({ width, height: HEIGHT });
    await page.goto('about:blank');
    await page.goto(hash === '' ? this.url : `${this.url}#${hash}`);
  }

  /** Opens all folds. */
  async unfold(): Promise<void> {
    await this.page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
  }

  /** Returns the width of the page beyond the screen's, in pixels. */
  overhang(): Promise<number> {
    return this.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  }

  /** Returns the violations that axe-core rates as serious or critical, one line for each. */
  async graveFaults(): Promise<string[]> {
    await this.page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
    const found = await this.page.evaluate<readonly AxeViolation[]>('axe.run().then(({ violations }) => violations)');
    return found
      .filter(({ impact }) => GRAVE.includes(impact))
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}: ${node.failureSummary}`));
  }

  background(): Promise<string> {
    return this.page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  }
}

const BACKGROUNDS: Readonly<Record<Scheme, string>> = { light: 'rgb(255, 255, 255)', dark: 'rgb(20, 23, 29)' };

/**
 * Declares the tests that every page must pass, at both widths and in both schemes, as it opens and with all folds open.
 */
export function itSuitsEveryReader(opened: PageInBrowser): void {
  describe('for every reader', () => {
    before(() => opened.start(true));
    for (const scheme of SCHEMES)
      for (const width of WIDTHS)
        it(`fits, needs no network, and has no grave fault of accessibility: ${width} px, ${scheme}`, async function () {
          this.timeout(120_000);
          await opened.open(width, scheme);
          expect(await opened.background()).to.equal(BACKGROUNDS[scheme]);
          expect(await opened.overhang(), 'overhang').to.equal(0);
          expect(await opened.graveFaults(), 'as it opens').to.deep.equal([]);
          await opened.unfold();
          expect(await opened.overhang(), 'overhang with all folds open').to.equal(0);
          expect(await opened.graveFaults(), 'with all folds open').to.deep.equal([]);
          expect(opened.complaints).to.deep.equal([]);
        });
  });
}
