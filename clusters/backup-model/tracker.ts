/** What a leader knows of its backups: the current one, and those that ended. */
import type { BackupState } from './protocol.ts';

export class BackupTracker {
  private readonly ended = new Map<string, BackupState>();
  private current: { readonly id: string; readonly state: BackupState } | null = null;
  /** Whether the current one was told to have ended, whatever was told since. */
  private finished = true;

  get inProgress(): boolean {
    return !this.finished;
  }

  /** Whether this one is the current one and has not ended. */
  isUnderWay(id: string): boolean {
    return !this.finished && this.current?.id === id;
  }

  begin(id: string): void {
    this.current = { id, state: 'Initiating' };
    this.finished = false;
  }

  /** Sets the state of the current one, whichever that is. */
  setState(state: BackupState): void {
    if (this.current !== null) this.replace(this.current.id, state);
  }

  /** This one is the current one now, in this state. */
  replace(id: string, state: BackupState): void {
    this.current = { id, state };
    if (state !== 'Completed' && state !== 'Failed') return;
    this.finished = true;
    this.ended.set(id, state);
  }

  /** Null: not known. */
  stateOf(id: string): BackupState | null {
    return this.current?.id === id ? this.current.state : (this.ended.get(id) ?? null);
  }
}
