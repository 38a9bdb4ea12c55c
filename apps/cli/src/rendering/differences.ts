import type { PropertyDifference } from '@wherefore/contract';
import type { Json } from '@wherefore/model';
import { clip, plain } from '../terminal/text';

const VALUE_WIDTH_MAX = 48;

/** What people call the properties that only Wherefore sets; others keep their names. */
const CALLED: { readonly [name: string]: string } = {
  vitrage_aggregated_state: 'aggregated state',
  vitrage_aggregated_severity: 'aggregated severity',
  vitrage_operational_state: 'operational state',
  vitrage_operational_severity: 'operational severity',
  vitrage_state: 'deduced state',
  is_marked_down: 'marked down',
};

type Difference = Omit<PropertyDifference, 'by'>;

/** `state ACTIVE → ERROR`. */
export function describeDifference({ name, before, after }: Difference): string {
  return `${CALLED[name] ?? plain(name)} ${describeValue(before)} → ${describeValue(after)}`;
}

/**
 * The differences that a reader needs: what merely follows from another one (the aggregated state from the
 * source's, the operational from the aggregated) is left out.
 */
export function worthTelling<T extends Difference>(changes: readonly T[]): T[] {
  const afterOf = (name: string): string => String(changes.find((change) => change.name === name)?.after).toUpperCase();
  return changes.filter(({ name, after }) => {
    const kind = name.endsWith('severity') ? 'severity' : 'state';
    switch (name) {
      case 'vitrage_operational_state':
      case 'vitrage_operational_severity':
        return !changes.some((change) => [`vitrage_aggregated_${kind}`, kind].includes(change.name));
      case 'vitrage_aggregated_state':
      case 'vitrage_aggregated_severity':
        return ![kind, 'vitrage_state'].some((other) => afterOf(other) === String(after).toUpperCase());
      default:
        return true;
    }
  });
}

function describeValue(value: Json): string {
  if (value === null) return 'none';
  if (value === '') return '""';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return clip(plain(text), VALUE_WIDTH_MAX);
}
