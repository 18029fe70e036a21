/**
 * The exports of `avp-testbench/score`: which engines catch which broken variants (docs/score.md).
 * @module avp-testbench/score
 */
export type { ScoreSize } from './engine';
export { measureScore, type ScoreProgress, type ScoreSettings } from './measure';
export { mergeScores } from './merge';
export type { CleanTry, ClauseScore, EngineScore, MutantScore, ScoreReport, TryScore } from './report';
export { readScore, scoreSchema } from './result';
