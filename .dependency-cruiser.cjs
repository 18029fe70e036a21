/**
 * The rooms of the house, and whose files each may import beside its own. Types count as much as values.
 * `room/*` means the files right in a folder, `:api` stands for testbench/api, and `#mem` for the builds of the
 * memory primitives. test/ may import everything, and no row names it: nobody imports from it.
 */
const mayImport = {
  'shared/loops': '#mem',
  'driver/loops': '#mem shared/loops',
  'emulator/device/loops': '#mem shared/loops',

  shared: '',
  driver: 'shared',

  'emulator/abi': 'shared',
  'emulator/capture': 'shared',
  'emulator/network': 'shared',
  'emulator/device': 'shared emulator/abi emulator/network',
  'emulator/machine': 'shared emulator/network emulator/device',
  // Not part of the emulator's index, because it needs native calls.
  'emulator/export': 'shared emulator/abi emulator/device',
  'emulator/*': 'shared emulator/abi emulator/capture emulator/network emulator/device emulator/machine',

  // The contract of scenarios knows none of those who keep it.
  'testbench/api': 'shared driver emulator',
  'testbench/runtime': 'shared',
  // The look of all pages, which knows nothing of what they show.
  'testbench/pages': ':runtime',
  'testbench/traffic': 'shared emulator :api :runtime',
  'testbench/evidence': 'shared driver emulator :api :runtime :pages :traffic',

  'testbench/faults': 'shared driver emulator :api :runtime :traffic',

  // The modes know what they have in common, not each other. run/ knows them all.
  'testbench/common': 'shared driver emulator :api :runtime :traffic :evidence :faults',
  'testbench/inline': 'shared driver emulator :api :runtime :traffic :evidence :faults :common',
  'testbench/threads': 'shared driver emulator :api :runtime :traffic :evidence :faults :common',
  'testbench/stepped': 'shared :api :traffic :evidence :common :explore/avp',
  'testbench/run': 'shared :api :runtime :pages :evidence :faults :common :inline :threads :stepped',

  'testbench/shell': 'shared driver emulator #mem :api :runtime :traffic :evidence :faults :common :inline :run',

  // The engine knows nothing of AVP.
  'testbench/explore/engine': 'shared :runtime',
  // Exports for checks of other projects.
  'testbench/explore/*': ':explore/machine',
  // Nobody imports the worlds: the transform reads them, and a machine loads what it makes of them.
  'testbench/explore/checks/worlds': 'shared driver emulator #mem :explore/machine/definition.ts',
  'testbench/explore/checks':
    'shared :runtime :mutants :explore/models :explore/search :explore/transform :explore/machine',
  'testbench/explore/machine': 'shared :runtime :explore/models :explore/search :explore/transform',
  'testbench/explore/transform': 'shared :runtime',
  'testbench/explore/avp': 'shared driver emulator :api :traffic :explore/engine :mutants',
  // A search knows its worlds by a file of types only, and that is all that a check knows of a search.
  'testbench/explore/models': 'shared',
  'testbench/explore/search': 'shared :runtime :explore/engine :explore/models',
  'testbench/explore/show': 'shared :runtime :pages :evidence/trace :explore/search',
  'testbench/explore/jobs': 'shared :runtime :explore/search :explore/checks',
  'testbench/explore/litmus': ':explore/models :explore/search',

  'testbench/peers': 'shared emulator :runtime',
  'testbench/guests': 'shared emulator',
  'testbench/targets': 'shared driver emulator :api :runtime :traffic :evidence :faults :peers :guests',
  'testbench/conformance': 'shared emulator :api :runtime :pages :traffic :evidence :peers :guests :targets',
  'testbench/mutants/catalog': ':mutants/build/mutant.ts',
  'testbench/mutants/build': 'shared :runtime :targets :conformance :mutants/catalog',
  'testbench/mutants/score':
    'shared :api :common :runtime :run :targets :conformance :hostile :pages :mutants/build ' +
    ':mutants/catalog :explore/checks :explore/models :explore/search',

  'testbench/hostile': 'shared driver emulator :runtime :explore/machine/javaScriptState.ts',

  'testbench/serve': 'shared driver emulator :api :runtime :traffic :evidence :faults :peers',
  'testbench/perf': 'shared driver emulator :runtime :pages :traffic :peers :serve',
  // Entries that the package offers to other projects.
  'testbench/*': 'shared driver emulator testbench',

  scenarios: 'testbench/index.ts emulator/capture',
  cli: 'shared driver emulator testbench',
};

const rooms = Object.keys(mayImport);
const HOUSE = '^(shared|driver|emulator|testbench|scenarios|cli|test)/';
const PRODUCT = '^(shared|driver|emulator|testbench|scenarios|cli)/';

/** The files of a place: a room, the files right in a folder, or one file. */
function filesOf(place) {
  if (place === '#mem') return '^shared/mem/(plain|watched)[.]ts$';
  if (place.startsWith(':')) return filesOf(`testbench/${place.slice(1)}`);
  if (place.endsWith('/*')) return `^${place.slice(0, -1)}[^/]+$`;
  return place.endsWith('.ts') ? `^${place.replace('.', '[.]')}$` : `^${place}/`;
}

/** A room inside of another one has a rule of its own. */
function ruleOf(room) {
  const inner = rooms.filter((other) => other.startsWith(`${room}/`));
  return {
    name: room,
    comment: `Beside its own files it may import: ${mayImport[room] || 'none'}.`,
    severity: 'error',
    from: { path: filesOf(room), ...(inner.length > 0 && { pathNot: inner.map(filesOf) }) },
    to: { path: HOUSE, pathNot: [room, ...mayImport[room].split(' ').filter(Boolean)].map(filesOf) },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...rooms.map(ruleOf),
    {
      name: 'every-room-has-a-row',
      comment: 'A new room says above whom it imports.',
      severity: 'error',
      from: { path: PRODUCT, pathNot: rooms.map(filesOf) },
      to: {},
    },
    { name: 'no-circles', comment: 'Not of types either.', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'commander-only-in-cli',
      severity: 'error',
      from: { pathNot: '^cli/' },
      to: { path: '(^|/)commander(/|$)' },
    },
    { name: 'nothing-from-dist', severity: 'error', from: {}, to: { path: '^dist/' } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'declared',
      comment: 'What a package.json does not name is there by chance.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'product-not-dev-dependencies',
      severity: 'error',
      from: { path: PRODUCT },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: '(^|/)node_modules/' },
    exclude: { path: ['^dist/.*[.]d[.]ts$', '^shared/mem/asc/'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.d.ts', '.js', '.json'],
    },
  },
};
