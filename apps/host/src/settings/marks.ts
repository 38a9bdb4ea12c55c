/** What a setting is beyond what is allowed for it: how it is read, and whether it may be shown. */
export interface Marks {
  /** A path, or a list of them: relative to the file that names it. */
  readonly isPath?: boolean;
  /** A list: in the environment, separated by commas. */
  readonly isList?: boolean;
  /** Never a number, whatever it looks like. */
  readonly isText?: boolean;
  /** Never shown. */
  readonly isSecret?: boolean;
}

const marks = new Map<object, Map<string, Marks>>();

function mark(more: Marks): PropertyDecorator {
  return (section, key) => {
    const ofSection = marks.get(section) ?? new Map<string, Marks>();
    ofSection.set(String(key), { ...ofSection.get(String(key)), ...more });
    marks.set(section, ofSection);
  };
}

export const IsPath = (): PropertyDecorator => mark({ isPath: true });
export const IsList = (): PropertyDecorator => mark({ isList: true });
export const IsPlainText = (): PropertyDecorator => mark({ isText: true });
export const IsSecret = (): PropertyDecorator => mark({ isSecret: true, isText: true });

/** The marks of a key of a section; none where it has none. */
export function marksOf(section: new () => object, key: string): Marks {
  return marks.get(section.prototype as object)?.get(key) ?? {};
}
