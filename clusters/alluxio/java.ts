/** How Java servers and the client bridge are started, whatever their version. */

/** Where the image has its libraries. */
export const LIBRARIES = '/opt/alluxio';
export const LOG4J_FILE = '/etc/alluxio/log4j.properties';

const OPENED = ['java.lang', 'java.nio', 'sun.nio.ch', 'java.util', 'jdk.internal.ref'];
const FLAGS: readonly string[] = [
  '-Xms64m',
  '-Xmx300m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  // Alluxio of 2018 was made for Java 8, where all of it was open.
  ...OPENED.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
  `-Dlog4j.configuration=file:${LOG4J_FILE}`,
];

/** An argv. @param rest the main class and its arguments; none: whoever starts it adds them */
export function java(
  properties: Readonly<Record<string, string>>,
  ...rest: readonly string[]
): readonly string[] {
  const settings = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
  const classPath = `${LIBRARIES}/lib/*:${LIBRARIES}/bridge`;
  return ['java', ...FLAGS, ...settings, '-cp', classPath, ...rest];
}

/** Lines of `12:00:00,000 LEVEL Class - message`; an exception follows on lines of its own. */
export const LOG4J = `log4j.rootLogger=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{HH:mm:ss,SSS} %-5p %c{1} - %m%n
log4j.logger.org.apache.zookeeper=WARN
`;
