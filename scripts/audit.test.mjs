import { expect, test } from 'vitest';
import { isFailure, readAudit } from './audit.mjs';

const report = (severity) =>
  JSON.stringify({
    auditReportVersion: 2,
    vulnerabilities: {
      a: { name: 'a', severity, via: ['b', { title: 'it breaks', url: 'https://example.org/1' }] },
    },
  });

test('what is known is listed, and fails from high on', () => {
  expect(readAudit(report('moderate'))).toEqual({
    findings: [{ name: 'a', severity: 'moderate', titles: ['through b', 'it breaks https://example.org/1'] }],
  });
  const fails = (severity) => isFailure(readAudit(report(severity)).findings);
  expect(['low', 'moderate', 'high', 'critical'].map(fails)).toEqual([false, false, true, true]);
  expect(readAudit('{"vulnerabilities":{}}')).toEqual({ findings: [] });
});

test('no answer is no verdict', () => {
  expect(readAudit('{"message":"405 Method Not Allowed","error":{"summary":""}}')).toEqual({
    unanswered: '405 Method Not Allowed',
  });
  expect(readAudit('{"error":{"code":"ENOAUDIT","summary":"offline"}}')).toEqual({ unanswered: 'offline' });
  for (const text of ['', 'null', '{}', 'npm error'])
    expect(readAudit(text)).toEqual({ unanswered: 'npm gave no report' });
});
