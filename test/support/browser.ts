import { existsSync } from 'node:fs';
import { type BrowserContext, chromium } from 'playwright-core';

/** The paths at which distributions install Chromium. */
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The path of a browser, or null if there is none. `AVP_CHROMIUM` takes precedence. */
export function findBrowser(): string | null {
  const places = [process.env['AVP_CHROMIUM'] ?? '', ...PLACES];
  return places.find((place) => place !== '' && existsSync(place)) ?? null;
}

/** Advice for the case that `findBrowser` returns null. */
export const HOW_TO_INSTALL = `no browser: install Debian's package chromium (apt-get install -y chromium), or name one in AVP_CHROMIUM`;

/** Starts the browser at `path`. @param profile an empty folder. */
export function startBrowser(
  path: string,
  profile: string,
  options: { readonly scripts: boolean } = { scripts: true },
): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    executablePath: path,
    args: ARGUMENTS,
    headless: true,
    javaScriptEnabled: options.scripts,
  });
}
