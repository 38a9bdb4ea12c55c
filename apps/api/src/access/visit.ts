import type { Viewer } from '@wherefore/answering';
import { WhereforeError } from '@wherefore/model';
import type { Caller } from './caller';
import { type Policy, type Action, type TenantAction } from './policy';

/** Who counts as an administrator: by a role, or by a user's name as in Vitrage. */
export interface AdminRule {
  readonly by: 'role' | 'user-name';
  readonly name: string;
}

/** One request, as far as who sent it decides what it may do and see. */
export class Visit {
  readonly isAdmin: boolean;

  constructor(
    readonly caller: Caller,
    private readonly policy: Policy,
    admin: AdminRule,
  ) {
    const { isOperator, roles, userName } = caller;
    const hasName = admin.by === 'role' ? roles.includes(admin.name) : userName === admin.name;
    this.isAdmin = isOperator || hasName;
  }

  /** The tenant, as logs and limits name it. */
  get tenant(): string {
    return this.caller.isOperator ? 'operator' : (this.caller.projectId ?? '');
  }

  may(action: Action, projectId = this.caller.projectId): boolean {
    const { caller, isAdmin } = this;
    return caller.isOperator || this.policy.allows(action, { ...caller, isAdmin }, { project_id: projectId });
  }

  /** Throws `forbidden`. */
  need(action: Action, projectId?: string): void {
    if (!this.may(action, projectId)) throw forbidden(action);
  }

  /**
   * What lists and counts show: everything where all tenants are asked for, else what is the caller's,
   * and for an administrator what is nobody's. An operator has no tenant: it always sees everything.
   */
  viewer(action: TenantAction, allTenants: boolean): Viewer {
    this.need(action);
    if (this.caller.isOperator) return { sees: 'everything' };
    if (!allTenants) return this.own(this.isAdmin);
    this.need(`${action}:all_tenants`);
    return { sees: 'everything' };
  }

  /** As `viewer`; where nothing is said, all tenants for those who may: for our own answers. */
  widestViewer(action: TenantAction, allTenants: boolean | undefined): Viewer {
    return this.viewer(action, allTenants ?? this.may(`${action}:all_tenants`));
  }

  /** What single items are shown: to an administrator any. */
  viewerOfOne(action: Action): Viewer {
    this.need(action);
    return this.isAdmin ? { sees: 'everything' } : this.own(false);
  }

  private own(infrastructure: boolean): Viewer {
    // Without a project nothing is the caller's: no entity has the empty one.
    return { sees: 'project', projectId: this.caller.projectId ?? '', infrastructure };
  }
}

function forbidden(action: string): WhereforeError {
  return new WhereforeError('forbidden', 'Authorization Failed', {
    hint: `The rule "${action}" of the policy does not allow it.`,
    data: { rule: action },
  });
}

const visits = new WeakMap<object, Visit>();

/** Notes who sent the request; done once, before anything else looks at it. */
export function receive(request: object, visit: Visit): void {
  visits.set(request, visit);
}

/** Who sent the request; `undefined` before that is known. */
export function visitOf(request: object): Visit | undefined {
  return visits.get(request);
}
