/** Types of the vertices that a datasource ever vouched for, by datasource. */
export class ToldTypes {
  private readonly types = new Map<string, Set<string>>();
  /** A poll tells of one type after another: the last is noted already. */
  private last = { datasource: '', type: '' };

  of(datasource: string): Iterable<string> {
    return this.types.get(datasource) ?? [];
  }

  note(datasource: string, type: string): void {
    if (datasource === this.last.datasource && type === this.last.type) return;
    this.last = { datasource, type };
    const known = this.types.get(datasource);
    if (known === undefined) this.types.set(datasource, new Set([type]));
    else known.add(type);
  }
}
