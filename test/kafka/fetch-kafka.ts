import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Release of Apache Kafka that the tests run against. */
const kafkaVersion = '4.4.0';
/** What that release depends on; the binding to slf4j is not among its dependencies, and without it brokers are silent. */
const log4jVersion = '2.25.5';

/** The program that runs Java 17 or newer. */
export const java: string = process.env['JAVA_HOME'] ? join(process.env['JAVA_HOME'], 'bin', 'java') : 'java';

/** Where Kafka is kept: `SACCADE_CACHE`, else the user's cache folder; outside of the repository, so that clones share it. */
function cacheFolder(): string {
  const root =
    process.env['SACCADE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'saccade');
  return join(root, `kafka-with-tools-${kafkaVersion}`);
}

/** File of classes that were loaded once, which halves the start of a broker. */
export const archiveName = 'classes.jsa';

/** Programs that this machine lacks to run brokers; none: it can. */
export async function missingTools(): Promise<string[]> {
  const isThere = existsSync(jarOf(join(cacheFolder(), 'libs')));
  const needed = isThere ? [java] : [java, 'mvn'];
  const found = await Promise.all(
    needed.map(name =>
      run(name, ['-version']).then(
        () => true,
        () => false,
      ),
    ),
  );
  return needed.filter((_, i) => !found[i]);
}

function jarOf(libs: string): string {
  return join(libs, `kafka_2.13-${kafkaVersion}.jar`);
}

/**
 * Has Maven, which knows where artifacts come from, copy Kafka and what it needs into the cache, once. Several processes may do
 * so at the same time.
 * @returns Folder of the jars.
 */
export async function fetchKafka(): Promise<string> {
  const libs = join(cacheFolder(), 'libs');
  if (existsSync(jarOf(libs))) return libs;
  const work = join(cacheFolder(), `work-${process.pid}`);
  await mkdir(work, { recursive: true });
  const dependency = (group: string, artifact: string, version: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  await writeFile(
    join(work, 'pom.xml'),
    `<project><modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>kafka</artifactId><version>1</version>
<packaging>pom</packaging><dependencies>
${dependency('org.apache.kafka', 'kafka_2.13', kafkaVersion)}
${dependency('org.apache.kafka', 'kafka-tools', kafkaVersion)}
${dependency('org.apache.logging.log4j', 'log4j-slf4j-impl', log4jVersion)}
</dependencies></project>`,
  );
  const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
  try {
    const copied = join(work, 'libs');
    await run('mvn', ['-q', '-B', plugin, '-DincludeScope=runtime', `-DoutputDirectory=${copied}`], { cwd: work });
    if (!existsSync(libs)) await rename(copied, libs);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return libs;
}
