/**
 * Goal: kill -9 of the harness leaves nothing that `heal --all` does not remove, and touches nothing of anyone else.
 * Method: a real etcd cluster under faults, killed at the start, in the middle and at the end of every phase.
 */
import { KILLS, testKills } from '../live/kill-nine.ts';

testKills(KILLS);
