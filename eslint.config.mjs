import { createRequire } from 'node:module';
import { builtinRules } from 'eslint/use-at-your-own-risk';
import './testbench/runtime/loadSource.cjs';
import tseslint from 'typescript-eslint';

const require = createRequire(import.meta.url);
const { dialect } = require('./test/checks/dialect/index.ts');
const loopFiles = ['shared/loops/*.ts', 'driver/loops/*.ts', 'emulator/device/loops/*.ts'];

const product = ['shared', 'emulator', 'driver', 'testbench', 'cli', 'scenarios'].map((room) => `${room}/**/*.ts`);
const generated = [
  'shared/loops/layout.ts',
  'shared/loops/records.ts',
  'driver/loops/records.ts',
  'emulator/device/loops/records.ts',
  'emulator/network/frameRecord.ts',
];

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Named exports only.',
};
const noTopRequire = {
  selector: 'Program > VariableDeclaration CallExpression[callee.name="require"]',
  message: 'import; require is for what is loaded late.',
};
const noBareError = {
  selector: ':matches(ClassDeclaration, ClassExpression)[superClass.name="Error"]',
  message: 'Error classes extend BenchError, which carries a stable code.',
};
const noEnum = { selector: 'TSEnumDeclaration', message: 'A union of literals, or an object `as const`.' };

/** Comments open with the name of their subject, and not with a riddle about it (STYLE.md). */
const riddles = ['what', 'how many', 'how much', 'how often', 'how long', 'so many', 'the same', 'gives', 'has'];
const comments = { rules: { openings: builtinRules.get('no-warning-comments') } };

export default tseslint.config(
  { ignores: ['dist/', 'shared/mem/asc/', '**/*.d.ts', '**/*.mjs', '**/*.cjs', '.cache/'] },
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { comments },
    rules: {
      'comments/openings': ['error', { terms: riddles, location: 'start', decoration: ['*'] }],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', noBareError, noDefaultExport, noEnum, noTopRequire],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Randomness comes from shared/random, with a seed.' },
      ],
      'no-var': 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'], location: 'anywhere' }],
      'object-shorthand': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-require-imports': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all', ignoreRestSiblings: true },
      ],
      // A function may have to return a promise because its interface does.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: product,
    rules: {
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    // The behaviour of both sides depends on the injected clock and the seed alone.
    files: ['shared/**/*.ts', 'emulator/**/*.ts', 'driver/**/*.ts'],
    ignores: ['shared/clock.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate', 'performance'],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Randomness comes from shared/random, with a seed.' },
        { object: 'Date', property: 'now', message: 'Time comes from the injected clock.' },
        { object: 'process', property: 'hrtime', message: 'Time comes from the injected clock.' },
      ],
    },
  },
  {
    files: ['driver/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [{ name: '#mem', importNames: ['actAs'], message: 'Driver code acts as the driver already.' }],
          patterns: [{ group: ['**/shared/actors'], message: 'Driver code acts as the driver already.' }],
        },
      ],
    },
  },
  {
    files: loopFiles,
    plugins: { dialect },
    rules: {
      'dialect/arithmetic': 'error',
      'dialect/shape': 'error',
      '@typescript-eslint/consistent-type-imports': 'off',
    },
  },
  { files: generated, rules: { 'max-lines': 'off' } },
  {
    files: ['test/**/*.ts', 'testbench/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        noBareError,
        noDefaultExport,
        noEnum,
        noTopRequire,
        {
          selector: 'MemberExpression[object.name=/^(describe|it|context)$/][property.name=/^(only|skip)$/]',
          message: 'Every test runs.',
        },
      ],
      // Allows chai's `expect(x).to.be.true`, and references to methods for spies.
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
