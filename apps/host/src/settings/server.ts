import { IsOptional } from 'class-validator';
import { HttpUrl, ListOf, OneOf, OptionalPath, OptionalText, Port, Secret, Text, WholeNumber } from './allowed';

export const AUTH_MODES = ['local', 'noauth', 'keystone', 'keycloak'] as const;
export const ADMIN_BY = ['role', 'user-name'] as const;

/** Where the server listens. */
export class ServerSettings {
  @Text()
  host = '127.0.0.1';

  @Port()
  port = 8999;

  /** Of one tenant, or of one address where there are no tenants. */
  @WholeNumber(0, 1_000_000, ', 0 for no limit')
  requestsPerSecond = 0;

  /** Web pages of these origins may use the API. */
  @ListOf(/^(\*|https?:\/\/[^\s/]+)$/, 'a list of origins such as https://dashboard.example, or *')
  corsOrigins: string[] = [];
}

/** Who is let in, and who is an administrator. */
export class AuthSettings {
  @OneOf(AUTH_MODES)
  mode: (typeof AUTH_MODES)[number] = 'local';

  @OneOf(ADMIN_BY)
  adminBy: (typeof ADMIN_BY)[number] = 'role';

  @Text()
  adminName = 'admin';

  @OptionalPath()
  policyFile?: string;
}

/** The Keystone that validates tokens, and as whom it is asked. */
export class KeystoneSection {
  @HttpUrl()
  url = 'http://127.0.0.1:5000/v3';

  @Text()
  username = 'wherefore';

  @Secret()
  password = '';

  @Text()
  projectName = 'service';

  @Text()
  userDomainId = 'default';

  @Text()
  projectDomainId = 'default';

  @WholeNumber(1, 3600)
  cacheSeconds = 60;
}

/** The Keycloak that signs tokens. */
export class KeycloakSection {
  @HttpUrl()
  url = 'http://127.0.0.1:9080/auth';

  @IsOptional()
  @HttpUrl()
  userInfoUrl?: string;

  @OptionalText()
  issuer?: string;

  @OptionalText()
  audience?: string;

  @WholeNumber(1, 3600)
  cacheSeconds = 60;
}
