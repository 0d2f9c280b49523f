'use strict';
/*
 * Installs the foreign stacks that judge ours (`npm run test:interop`) into the git-ignored folder `.peers/`, from
 * their own registries: PyPI and Maven Central. Nothing of them is shipped or copied from.
 *
 * Run again at will: what stands there in the right version is left alone. A part that cannot be had is named; the
 * exit code says so only where CI=true, because the interop suite skips a missing peer elsewhere.
 */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.resolve(__dirname, '..');
const PEERS = path.join(ROOT, '.peers');
const PYTHON_PACKAGES = ['pyiec61850-ng==1.6.1.10', 'iec61850==0.14.0', 'pymodbus==3.16.1', 'comtrade==0.2.0'];
const MAVEN_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1';
const JAVA_PACKAGE = ['org.openmuc', 'openiec61850', '1.6.0'];
/** Its log (to stdout, where our driver speaks) and what its window needs. */
const JAVA_LEFT_OUT = 'logback-classic,logback-core,jcalendar';
const JAVA_SOURCE = path.join(ROOT, 'test', 'interop', 'peers', 'OpenIec61850Peer.java');
const WINDOWS = process.platform === 'win32';

/** Runs a program to its end; throws with what it said when it fails or does not exist. */
function run(program, args, options = {}) {
  const result = spawnSync(program, args, { encoding: 'utf8', shell: WINDOWS && program === 'mvn', ...options });
  if (result.error) throw new Error(`${program}: ${result.error.message}`);
  if (result.status !== 0) {
    const said = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-15).join('\n');
    throw new Error(`${program} ${args.join(' ')} ended with ${result.status}:\n${said}`);
  }
  return result.stdout;
}

/** Does `work` unless the stamp in `folder` already says `want`. */
function once(folder, want, work) {
  const stamp = path.join(folder, 'installed.txt');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === want) return 'there already';
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  work();
  fs.writeFileSync(stamp, want);
  return 'installed';
}

function python() {
  const folder = path.join(PEERS, 'python');
  return once(folder, PYTHON_PACKAGES.join('\n'), () => {
    run(WINDOWS ? 'python' : 'python3', ['-m', 'venv', folder]);
    const interpreter = path.join(folder, WINDOWS ? 'Scripts/python.exe' : 'bin/python');
    run(interpreter, ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', ...PYTHON_PACKAGES]);
    run(interpreter, ['-c', 'import comtrade, iec61850, pymodbus, pyiec61850.pyiec61850']);
  });
}

function java() {
  const folder = path.join(PEERS, 'java');
  const [group, artifact, version] = JAVA_PACKAGE;
  return once(folder, JAVA_PACKAGE.join(':'), () => {
    fs.writeFileSync(
      path.join(folder, 'pom.xml'),
      `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>peers</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>\n`,
    );
    const goal = [
      `${MAVEN_PLUGIN}:copy-dependencies`,
      '-DoutputDirectory=lib',
      `-DexcludeArtifactIds=${JAVA_LEFT_OUT}`,
    ];
    run('mvn', ['-q', '-B', ...goal], { cwd: folder });
  });
}

/** Compiles our driver of the Java stack; again whenever its source is newer. */
function javaDriver() {
  const folder = path.join(PEERS, 'java');
  const classes = path.join(folder, 'classes');
  const made = path.join(classes, 'OpenIec61850Peer.class');
  if (fs.existsSync(made) && fs.statSync(made).mtimeMs >= fs.statSync(JAVA_SOURCE).mtimeMs) return 'there already';
  fs.mkdirSync(classes, { recursive: true });
  run('javac', ['-cp', path.join(folder, 'lib', '*'), '-d', classes, JAVA_SOURCE]);
  return 'compiled';
}

let missing = 0;
for (const [name, install] of [
  ['Python peers (libiec61850, iec61850-rs, pymodbus, comtrade)', python],
  ['Java peer (openiec61850)', java],
  ['Java driver', javaDriver],
]) {
  try {
    console.log(`${name}: ${install()}`);
  } catch (error) {
    missing += 1;
    console.error(`${name}: MISSING: ${error.message}`);
  }
}
process.exitCode = missing > 0 && process.env.CI === 'true' ? 1 : 0;
