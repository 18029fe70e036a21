/**
 * The exports of `avp-testbench/score`: which engines catch which broken variants (docs/score.md).
 * @module avp-testbench/score
 */
export type { ScoreSize } from './engine';
export { measureScore, type ScoreProgress, type ScoreSettings } from './measure';
export { mergeScores, type ScoreMergeOptions } from './merge';
export type {
  CleanTry,
  ClauseScore,
  EngineScore,
  EngineText,
  MutantScore,
  ScoreReport,
  ScoreSelection,
  Shard,
  TryScore,
} from './report';
export { readScore, type ScoreFile, scoreSchema } from './result';
