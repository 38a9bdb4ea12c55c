import type { Json, JsonObject } from '@wherefore/model';
import { isJsonObject } from '@wherefore/model';
import { member, objectMember } from './content';
import { type Finding, type Path, shapeFinding } from './fault';
import { type Members, type Shape, TEXT, checkShape } from './shape';
import type { StatusCode } from './statusCodes';
import { NAME, PARAMETERS, entityProperty } from './syntaxOneTwo';

/** Version 3: checks everything but the conditions; ids that actions name are looked up. */
export function checkSyntaxThree(content: JsonObject): Finding | undefined {
  const entities = objectMember(content, 'entities');
  const finding = checkShape(content, templateShape(Object.keys(entities)), []);
  return finding ?? checkActionCounts(content);
}

function templateShape(entityIds: readonly string[]): Shape {
  return mapping({
    metadata: must(
      mapping({
        version: must(TEXT, 63),
        name: must(NAME, 60),
        type: must(TEXT, 64),
        description: { shape: TEXT },
      }),
      62,
    ),
    parameters: { shape: PARAMETERS },
    entities: must(
      {
        kind: 'mapping',
        members: {},
        whenEmpty: 10000,
        others: () => ({ kind: 'mapping', members: {}, others: entityProperty }),
      },
      4,
    ),
    scenarios: must(
      {
        kind: 'list',
        whenEmpty: 81,
        item: mapping({
          condition: must(TEXT, 83),
          actions: must({ kind: 'list', whenEmpty: 121, item: actionShape(new Set(entityIds)) }, 84),
        }),
      },
      80,
    ),
  });
}

function actionShape(ids: ReadonlySet<string>): Shape {
  const target = must(knownId(ids, 10101), 10100);
  const shape = mapping({
    raise_alarm: {
      shape: mapping({
        severity: must(TEXT, 126),
        target,
        alarm_name: must(TEXT, 10104),
        causing_alarm: { shape: knownId(ids, 10107) },
      }),
    },
    set_state: { shape: mapping({ state: must(TEXT, 128), target }) },
    add_causal_relationship: { shape: mapping({ source: must(knownId(ids, 10103), 10102), target }) },
    mark_down: { shape: mapping({ target }) },
    execute_mistral: {
      shape: mapping({
        workflow: must(TEXT, 10105),
        input: { shape: { kind: 'mapping', members: {}, others: () => MISTRAL_INPUT } },
      }),
    },
  });
  return { ...shape, whenEmpty: 122 } as Shape;
}

const MISTRAL_INPUT: Shape = {
  kind: 'text',
  check: (text, path) => (text.includes('(') === text.includes(')') ? undefined : { code: 138, path, detail: text }),
};

function knownId(ids: ReadonlySet<string>, code: StatusCode): Shape {
  return {
    kind: 'text',
    check: (text, path) =>
      ids.has(text) ? undefined : { code, path, hint: `"${text}" is not among the entities of this template.` },
  };
}

// Two actions under one dash: which comes first, and under which number, would be anyone's guess.
function checkActionCounts(content: JsonObject): Finding | undefined {
  for (const [path, action] of actionsOf(member(content, 'scenarios') ?? [])) {
    if (Object.keys(action).length > 1) {
      return shapeFinding('more than one action', path, 'Start each action with a dash of its own.');
    }
  }
  return undefined;
}

function actionsOf(scenarios: Json): [Path, JsonObject][] {
  if (!Array.isArray(scenarios)) return [];
  return (scenarios as readonly Json[]).flatMap((scenario, index) => {
    const actions = isJsonObject(scenario) ? member(scenario, 'actions') : undefined;
    if (!Array.isArray(actions)) return [];
    return (actions as readonly Json[]).flatMap((action, place): [Path, JsonObject][] =>
      isJsonObject(action) ? [[['scenarios', index, 'actions', place], action]] : [],
    );
  });
}

function mapping(members: Members): Shape {
  return { kind: 'mapping', members };
}

function must(shape: Shape, missing: StatusCode): Members[string] {
  return { shape, missing };
}
