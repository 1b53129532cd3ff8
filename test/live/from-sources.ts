/** The command line from the sources, for tests beside work on them: `bin/faultline` would compile them first. */
import { main } from '../../cli/main.ts';

process.exitCode = await main(process.argv.slice(2));
