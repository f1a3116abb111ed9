// Asks the registry whether a package that users get (no development dependency) has a known vulnerability.
//
//   node scripts/audit.mjs      exits 1 when one of severity high or critical is known; prints the others
//
// A registry that does not answer, or has no audits, is no failure: it is said, and the status is 0.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const timeoutMs = 60_000;
const failing = new Set(['high', 'critical']);

/**
 * @typedef {{ name: string, severity: string, titles: string[] }} Finding
 * @param {string} output of `npm audit --json`
 * @returns {{ findings: Finding[] } | { unanswered: string }}
 */
export function readAudit(output) {
  let report;
  try {
    report = JSON.parse(output);
  } catch {
    return { unanswered: 'npm gave no report' };
  }
  const { vulnerabilities, message, error } = report ?? {};
  if (vulnerabilities === undefined) return { unanswered: message || error?.summary || 'npm gave no report' };
  return {
    findings: Object.values(vulnerabilities).map(({ name, severity, via }) => ({
      name,
      severity,
      titles: via.map((cause) =>
        typeof cause === 'string' ? `through ${cause}` : `${cause.title} ${cause.url}`,
      ),
    })),
  };
}

/** @param {Finding[]} findings */
export function isFailure(findings) {
  return findings.some(({ severity }) => failing.has(severity));
}

function askRegistry() {
  return new Promise((done) => {
    const child = spawn('npm', ['audit', '--omit=dev', '--json'], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.once('error', () => done(''));
    child.once('close', () => done(output));
  });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const result = readAudit(await askRegistry());
  if ('unanswered' in result) {
    console.log(`not audited: ${result.unanswered}`);
  } else {
    for (const { name, severity, titles } of result.findings)
      console.log(`${severity} ${name}: ${titles.join('; ')}`);
    console.log(`audited: ${result.findings.length} packages with known vulnerabilities`);
    if (isFailure(result.findings)) process.exitCode = 1;
  }
}
