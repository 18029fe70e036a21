/** Writes the explored code of this package's checks into `dist/explore`, so that nobody waits for the compiler later. */
import { join } from 'node:path';
import { packageRoot } from '../../runtime/package';
import { buildTree } from '../transform/treeStore';
import { WORLDS } from './checkOf';

buildTree([join(packageRoot(), `${WORLDS}.ts`)]);
