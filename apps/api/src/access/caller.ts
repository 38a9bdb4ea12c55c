/** Who sent a request, as far as the authentication knows. */
export interface Caller {
  readonly userId: string | undefined;
  readonly userName: string | undefined;
  /** The tenant; `undefined` for a token without a project. */
  readonly projectId: string | undefined;
  readonly roles: readonly string[];
  /** The operator of a server that has no tenants: sees and may everything, whatever a policy says. */
  readonly isOperator: boolean;
}

/** Whoever reaches a server that asks nobody who they are, or bears its token. */
export const OPERATOR: Caller = {
  userId: undefined,
  userName: undefined,
  projectId: undefined,
  roles: [],
  isOperator: true,
};
