export type {
  AlarmView,
  AnsweredAt,
  CauseNode,
  DeductionView,
  EventRef,
  PlacedEntity,
  ResourceView,
  WhyAnswer,
} from './answers';
