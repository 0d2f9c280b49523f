import assert from 'node:assert/strict';
import { HELP, readArguments } from '../../src/cli/arguments.js';
import { ArgumentError } from '../../src/errors.js';

describe('the command line of iec61850-sim', () => {
  it('needs a file and nothing else', () => {
    assert.deepEqual(readArguments(['station.scd']), {
      file: 'station.scd',
      ieds: [],
      host: '127.0.0.1',
      interval: 1000,
      readOnly: false,
      records: false,
      quiet: false,
    });
  });

  it('takes every option that the help has, and the help has every option', () => {
    const told = readArguments([
      ...['--ied', 'A', '--ied', 'B', '--access-point', 'P1', '--host', '0.0.0.0', '--port', '10102'],
      ...[
        '--interval',
        '250',
        '--read-only',
        '--quiet',
        '--password-file',
        'p',
        '--data-dir',
        'd',
        '--files',
        'f',
        '--records',
      ],
      ...['--tls-cert', 'c', '--tls-key', 'k', '--tls-ca', 'a', '--tls-crl', 'l', 'x.scd'],
    ]);
    assert.deepEqual(told, {
      file: 'x.scd',
      ieds: ['A', 'B'],
      accessPoint: 'P1',
      host: '0.0.0.0',
      port: 10102,
      interval: 250,
      readOnly: true,
      quiet: true,
      passwordFile: 'p',
      tls: { cert: 'c', key: 'k', ca: 'a', crl: 'l' },
      dataDir: 'd',
      files: 'f',
      records: true,
    });
    const options = [...HELP.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name]) => name);
    assert.equal(options.length, 17);
    for (const name of options) {
      // Each is known: what is missing is a value or a file.
      assert.throws(() => {
        const read = readArguments([`--${name}`]);
        if (read === 'help' || read === 'version') throw new ArgumentError('no SCL file is given');
      }, /no SCL file|argument missing|a folder/);
    }
  });

  it('help and version come before everything else', () => {
    assert.equal(readArguments(['--help']), 'help');
    assert.equal(readArguments(['a.scd', '-h', '--port', '1']), 'help');
    assert.equal(readArguments(['--version']), 'version');
    for (const line of HELP.split('\n')) assert.ok(line.length <= 120, line);
  });

  for (const [args, why] of [
    [[], /no SCL file/],
    [['a.scd', 'b.scd'], /one file at a time/],
    [['a.scd', '--port', '65536'], /--port 65536/],
    [['a.scd', '--port', 'http'], /--port http/],
    [['a.scd', '--interval', '5'], /too short/],
    [['a.scd', '--speed', '2'], /--speed/],
    [['a.scd', '--tls-cert', 'c'], /TLS needs/],
    [['a.scd', '--tls-crl', 'c'], /TLS needs/],
    [['a.scd', '--records'], /a folder to be put into/],
  ] as const) {
    it(`says what is wrong with "${args.join(' ')}"`, () => {
      assert.throws(
        () => readArguments(args),
        (error) => error instanceof ArgumentError && why.test(error.message),
      );
    });
  }
});
