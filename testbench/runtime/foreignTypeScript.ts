/**
 * Loaded before a script of another project, by the compiled command: TypeScript is compiled in the
 * same way everywhere, whatever that project's own settings are. Its modules are taken to be
 * CommonJS as well where its package.json says `"type": "module"`.
 */
import { register } from 'ts-node';

register({
  transpileOnly: true,
  skipProject: true,
  compilerOptions: { target: 'es2023', module: 'commonjs', moduleResolution: 'bundler' },
  moduleTypes: { '**/*': 'cjs' },
});
