// The house: driver/ and emulator/ without a door between them, shared/ knows nobody, cli/,
// scenarios/ and test/ on top. Types count as much as values.
const loops = '^(shared|driver|emulator/device)/loops/';
const mem = '^shared/mem/(plain|watched)[.]ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'driver-not-emulator', severity: 'error', from: { path: '^driver/' }, to: { path: '^emulator/' } },
    { name: 'emulator-not-driver', severity: 'error', from: { path: '^emulator/' }, to: { path: '^driver/' } },
    {
      name: 'shared-knows-nobody',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(driver|emulator|testbench|cli|test|scenarios)/' },
    },
    {
      name: 'rooms-not-upstairs',
      severity: 'error',
      from: { path: '^(driver|emulator)/' },
      to: { path: '^(testbench|cli|test|scenarios)/' },
    },
    {
      name: 'testbench-not-cli',
      comment: 'The bench is a library; the command line is one of its users.',
      severity: 'error',
      from: { path: '^(testbench|scenarios)/' },
      to: { path: '^cli/' },
    },
    {
      name: 'commander-only-in-cli',
      severity: 'error',
      from: { pathNot: '^cli/' },
      to: { path: '(^|/)commander(/|$)' },
    },
    { name: 'nothing-from-dist', severity: 'error', from: {}, to: { path: '^dist/' } },
    {
      name: 'no-cycles',
      comment: 'Of what is there at run time: types may refer to each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'loop-files-among-themselves',
      comment: "A loop file compiles to WebAssembly: it imports '#mem' and other loop files.",
      severity: 'error',
      from: { path: loops },
      to: { pathNot: [loops, mem] },
    },
    {
      name: 'product-not-test',
      comment: 'test/ holds the tests and checks of the project; nothing in it ships.',
      severity: 'error',
      from: { path: '^(shared|emulator|driver|testbench|cli|scenarios)/' },
      to: { path: '^test/' },
    },
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
      from: { path: '^(shared|emulator|driver|testbench|cli|scenarios)/' },
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
