/**
 * Goal: whatever is typed wrong, the user is told what was wrong, what was expected and the nearest valid name, and
 * the exit code is 254. Method: the real command, as a user starts it.
 */
import { cpSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const faultline = (...argv: string[]) => execa('bin/faultline', argv, { reject: false });

let folder = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'faultline-cli-'));
  await faultline('--help'); // Compiles, if sources changed.
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('wrong use exits 254 and says what was expected', () => {
  test.concurrent.each([
    [
      ['run', 'zookeper@3.9.4'],
      /unknown system "zookeper"; expected one of .*did you mean "zookeeper"/,
    ],
    [['run', 'zookeeper@3.9.40'], /unknown version of zookeeper "3.9.40"; .*did you mean "3.9.4"/],
    [
      ['run', 'etcd@3.5.16', '--workload', 'registr'],
      /unknown workload of etcd "registr"; .*"register"/,
    ],
    [
      ['run', 'alluxio@1.8.1', '--workload', 'backup'],
      /alluxio 1\.8\.1 has not what workload "backup" needs; expected one of metadata, data/,
    ],
    [['run', 'etcd@3.5.16', '--faults', 'partitoin'], /"partitoin"; expected one of .*"partition"/],
    [['run', 'etcd@3.5.16', '--time', '-5'], /--time: expected a positive time .* got "-5"/],
    [['run', 'etcd@3.5.16', '--seed', 'seven'], /--seed: expected a whole number .* got "seven"/],
    [['run', 'etcd@3.5.16', '--nodes', '0'], /--nodes: expected a whole number from 1/],
    [['run', 'etcd@3.5.16', '--rate', 'fast'], /--rate: expected operations a second/],
    [['run', 'etcd@3.5.16', '--testbed', 'simulated'], /does not run on testbed "simulated"/],
    [['run', 'etcd@3.5.16', '--schedule', '/no/such/file'], /cannot read \/no\/such\/file/],
    [['run', '/no/such/spec.ts'], /no such file/],
    [
      ['run', 'primary-backup', '--testbed', 'simulated', '--runs-dir', '/dev/null/x'],
      /expected a folder that can be written: ENOTDIR/,
    ],
    [['run', 'etcd@3.5.16', '--colour', 'red'], /unknown option '--colour'/],
    [['runn'], /unknown command 'runn'.*\n.*run/],
    [['list', 'sistems'], /unknown list "sistems"; .*did you mean "systems"/],
    [['regress', 'zookeeper-4634'], /unknown regression "zookeeper-4634"; .*"zookeeper-4643"/],
    [['check', '/no/such/run'], /no such directory/],
    [['hunt', 'etcd@3.5.99'], /unknown version of etcd "3.5.99"/],
    [['hunt', 'etcd@3.5.16', '--for', 'ever'], /--for: expected a positive time .* got "ever"/],
    [['hunt', 'etcd@3.5.16', '--keep'], /--keep: a hunt brings up a cluster each round/],
    [['run', 'etcd@3.5.16', '--quorum', 'kep'], /--quorum: .*"kep".*did you mean "keep"/],
    [['run', 'etcd@3.5.16', '--quiet', '0.1,0.1'], /--quiet: expected three shares .* "0.1,0.1"/],
    [['heal'], /expected the id of a run, --all, or --hosts FILE/],
    [['run', 'etcd@3.5.16', '--testbed', 'ssh'], /--testbed ssh: expected --hosts FILE/],
    [['run', 'etcd@3.5.16', '--hosts', 'hosts.json'], /--hosts: only with --testbed ssh/],
    [
      ['run', 'etcd@3.5.16', '--testbed', 'ssh', '--hosts', '/no/hosts.json'],
      /--hosts: \/no\/hosts.json is no hosts file that can be used:\n {2}cannot be read: ENOENT/,
    ],
    [['heal', '--hosts', 'package.json'], /--hosts: package.json is no hosts file .*\n {2}hosts: /],
  ])('%j', async (argv, message) => {
    const { exitCode, stderr } = await faultline(...argv);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(254);
  });
});

describe('a schedule that names what is not there exits 254 before anything is brought up', () => {
  const partition = { kind: 'partition-one', selector: ['n1'], trigger: '2s' };
  test.each([
    [{ ...partition, selector: ['n4'] }, /unknown node "n4"; expected one of n1, n2, n3/],
    [{ ...partition, kind: 'partition-on' }, /unknown fault "partition-on".*"partition-one"/],
    [
      { ...partition, trigger: { probe: { name: 'servin', node: 'n1' } } },
      /unknown probe "servin"; expected one of serving.*did you mean "serving"/,
    ],
    [
      { ...partition, trigger: { log: { node: 'n7', pattern: 'elected' } } },
      /step "partition-one-1": unknown node "n7"/,
    ],
    [{ ...partition, trigger: { fault: { id: 'kill-1', state: 'healed' } } }, /step "kill-1"/],
    [{ ...partition, heal: { log: { node: 'n1', pattern: '(' } } }, /log pattern: /],
    [{ ...partition, trigger: 'soon' }, /trigger.*"soon"/],
    [{ ...partition, trigger: { call: { to: 'n9', holds: 'x' } } }, /unknown node "n9"/],
    [{ ...partition, trigger: { epok: {} } }, /unknown trigger "epok".*did you mean "epoch"/],
  ])('%j', async (step, message) => {
    const path = join(folder, 'schedule.json');
    writeFileSync(path, JSON.stringify({ steps: [step] }));
    const { exitCode, stderr } = await faultline('run', 'etcd@3.5.16', '--schedule', path);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/phase bring up/);
    expect(exitCode).toBe(254);
  });
});

describe('check', () => {
  let run = '';
  beforeAll(async () => {
    const runs = join(folder, 'runs');
    const made = await faultline(
      ...['run', 'primary-backup@correct', '--testbed', 'simulated', '--time', '5', '--seed', '3'],
      ...['--runs-dir', runs, '--json'],
    );
    run = (JSON.parse(made.stdout) as { directory: string }).directory;
  });

  const copyOf = (name: string): string => {
    const copy = join(folder, name);
    cpSync(run, copy, { recursive: true });
    return copy;
  };

  test('a directory that is no run is refused', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty, { recursive: true });
    const { exitCode, stderr } = await faultline('check', empty);
    expect(stderr).toMatch(/is not a run directory: it has no spec.json/);
    expect(exitCode).toBe(254);
  });

  test('a corrupt line in the middle is named with file and line', async () => {
    const copy = copyOf('corrupt');
    const { readFileSync } = await import('node:fs');
    const lines = readFileSync(join(copy, 'history.jsonl'), 'utf8').split('\n');
    lines[10] = '{"index": oops';
    writeFileSync(join(copy, 'history.jsonl'), lines.join('\n'));
    const { exitCode, stderr } = await faultline('check', copy);
    expect(stderr).toMatch(/history\.jsonl.*11/);
    expect(exitCode).toBe(254);
  });

  test('a half-written last line is dropped with a warning, and the rest is judged', async () => {
    const copy = copyOf('half');
    const { readFileSync } = await import('node:fs');
    const text = readFileSync(join(copy, 'history.jsonl'), 'utf8');
    writeFileSync(join(copy, 'history.jsonl'), text.slice(0, Math.floor(text.length * 0.8)));
    const { exitCode, stderr, stdout } = await faultline('check', copy);
    expect(stderr).toMatch(/warning: .*history\.jsonl/);
    expect(stdout).toMatch(/: (VALID|UNKNOWN)/);
    expect([0, 2]).toContain(exitCode);
  });
});
