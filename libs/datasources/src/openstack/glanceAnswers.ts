import { GLANCE_IMAGE } from '../glance/image';
import { type NamedReaders, only, reader } from './answerReader';
import { IMAGE_FIELDS, IMAGE_ORIGIN_FIELDS } from './sourceFields';

/** The answers of Glance. */
export const GLANCE_ANSWERS: readonly NamedReaders[] = [
  ['glance-images', [reader(GLANCE_IMAGE, 'images', 'id', only([...IMAGE_FIELDS, ...IMAGE_ORIGIN_FIELDS]))]],
];
