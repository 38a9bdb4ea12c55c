import type { Answers } from '@wherefore/contract';
import type { TemplateSource } from '@wherefore/model';

/** What became of templates that were to be added or deleted, one by one. */
export interface TemplateChange {
  readonly name: string;
  readonly change: 'added' | 'deleted' | 'refused';
  /** Why it was refused; empty otherwise. */
  readonly detail: string;
}

/** Whoever answers a command: a server, or a store that is read here. */
export interface Desk extends Answers {
  /** `the server on http://127.0.0.1:8999`, `the store in /var/lib/wherefore`. */
  readonly name: string;
  addTemplates(sources: readonly TemplateSource[], overwrite: boolean): Promise<readonly TemplateChange[]>;
  /** By ids or names. Rejects `unknown-template` when none of them exists. */
  deleteTemplates(idsOrNames: readonly string[]): Promise<readonly TemplateChange[]>;
  close(): Promise<void>;
}

/** Options that say who is to answer. */
export interface DeskOptions {
  readonly url?: string;
  readonly store?: string;
}
