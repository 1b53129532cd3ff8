/** Transactions on registers of which no order of the writes is known or assumed: every order is tried. */
import { judgeByPolygraph } from '../isolation/polygraph-judge.ts';
import { ColumnsBuilder } from '../transactions/columns-builder.ts';
import type { HistoryModel } from './history-judge.ts';

export const POLYGRAPH_MODEL: HistoryModel = {
  name: 'rw-register-polygraph',
  title: 'serializability and snapshot isolation of registers, whatever the order of the writes',
  create: (options) => {
    const builder = new ColumnsBuilder('registers');
    return {
      add: (operation) => builder.add(operation),
      finish: (budget) => judgeByPolygraph(builder.finish(), options, budget),
    };
  },
};
