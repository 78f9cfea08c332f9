// Where a report may be written, and what it says where it may not.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { REPORT_MARK } from '../../../src/compare/report/report.js';
import { checkReportPath, writeReport } from '../../../src/compare/report/report-file.js';

describe('the file of --report', () => {
  const folder = mkdtempSync(join(tmpdir(), 'evented-demo-report-'));
  const file = join(folder, 'report.html');
  after(() => rmSync(folder, { recursive: true }));

  it('is written where there is none, and again over an earlier report', () => {
    for (const page of [`<!doctype html>${REPORT_MARK}1`, `<!doctype html>${REPORT_MARK}2`]) {
      assert.equal(checkReportPath(file), undefined);
      assert.equal(writeReport(file, page), undefined);
      assert.equal(readFileSync(file, 'utf8'), page);
    }
  });

  it('is left alone where it is something else', () => {
    const other = join(folder, 'notes.html');
    writeFileSync(other, '<!doctype html><title>my notes</title>');
    assert.match(checkReportPath(other) ?? '', /notes.* exists already and is no report\. /);
    assert.match(writeReport(other, REPORT_MARK) ?? '', / is no report\. /);
    assert.equal(readFileSync(other, 'utf8'), '<!doctype html><title>my notes</title>');
  });

  it('is no folder, and in none that is missing', () => {
    assert.match(checkReportPath(folder) ?? '', / is a folder\. Name a file in it\.$/);
    assert.match(
      checkReportPath(join(folder, 'no', 'report.html')) ?? '',
      /^Cannot write to .*report\.html\. Its folder does not exist\. Make the folder, or name another file\.$/,
    );
  });
});
