import { type Engine, ENGINES } from '../../shared/engine';

/** Ends the process: the file that loads this one can't go on, and a stack would say nothing. */
function refuse(given: string): never {
  process.stderr.write(`AVP_ENGINE is '${given}': expected ${ENGINES.join(' or ')}\n`);
  process.exit(2);
}

function chooseEngine(given = ''): Engine {
  return given === '' ? 'ts' : (ENGINES.find((engine) => engine === given) ?? refuse(given));
}

/** Engine of driver and host in tests: `make test ENGINE=wasm` runs them compiled, on plain memory. */
export const testEngine = chooseEngine(process.env['AVP_ENGINE']);
