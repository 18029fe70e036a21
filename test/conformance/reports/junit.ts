import builder from 'junit-report-builder';
import { chapters } from '../chapters';
import { chapterOf } from '../clause';
import type { ClauseResult } from '../runner';

/** Takes out what XML cannot hold. */
function xmlText(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '?');
}

/** JUnit XML: a suite for each chapter, a case for each clause. */
export function junitXml(target: string, results: readonly ClauseResult[]): string {
  const report = builder.newBuilder();
  for (const chapter of chapters) {
    const own = results.filter(({ clause }) => chapterOf(clause.id) === chapter.name);
    if (own.length === 0) continue;
    const suite = report.testSuite().name(`${target}: ${chapter.name}: ${chapter.title}`);
    for (const { clause, verdict, durationMs, detail, replay } of own) {
      const testCase = suite
        .testCase()
        .className(`avp.conform.${target}.${chapter.name}`)
        .name(`${clause.id}: ${xmlText(clause.title)}`)
        .time(durationMs / 1000);
      const text = xmlText(`${detail}\nreplay: ${replay}`);
      if (verdict === 'skip') testCase.skipped().standardOutput(xmlText(detail));
      else if (verdict === 'fail') testCase.failure(text, clause.level);
      else if (verdict !== 'pass') testCase.error(xmlText(detail.split('\n')[0] ?? ''), verdict, text);
    }
  }
  return report.build();
}
