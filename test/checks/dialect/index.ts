import { arithmetic } from './arithmetic';
import { shape } from './shape';

/** ESLint plugin: the dialect that keeps both builds of the loop files equal. */
export const dialect = { rules: { arithmetic, shape } };
