/**
 * The compiled command loads this file before a script of another project. It compiles TypeScript with the same
 * options everywhere, whatever the settings of that project are, and treats its modules as CommonJS even if its
 * package.json says `"type": "module"`.
 */
import { register } from 'ts-node';

register({
  transpileOnly: true,
  skipProject: true,
  compilerOptions: { target: 'es2023', module: 'commonjs', moduleResolution: 'bundler' },
  moduleTypes: { '**/*': 'cjs' },
});
