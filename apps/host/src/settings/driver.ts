import { ArrayUnique, IsBoolean, IsOptional } from 'class-validator';
import { HttpUrl, ListOf, OneOf, OptionalPath, OptionalText, Port, Secret, Text, WholeNumber } from './allowed';

export const INTERFACES = ['public', 'internal', 'admin'] as const;
export const PORT_OWNERS = ['compute', 'all'] as const;

const NAME = /^[a-z][a-z-]*$/;
const NAMES =
  'a list of sources such as nova-servers, of which "wherefore driver --help" has all; or openstack for all of a cloud';
const INTERVALS = 'a list such as nova-services=30, of a source and 5 to 86400 seconds';
/** 5 to 86400. */
const INTERVAL = /^[a-z][a-z-]*=([5-9]|[1-9]\d{1,3}|[1-7]\d{4}|8[0-5]\d{3}|86[0-3]\d\d|86400)$/;

/** The role that polls a cloud. */
export class DriverSettings {
  @Port()
  healthPort = 0;

  /** What is polled. Empty: everything that is configured. */
  @ListOf(NAME, NAMES)
  @ArrayUnique({ message: `${NAMES}, each once` })
  sources: string[] = [];

  /** How often each source is polled in full, unless `intervals` says otherwise. */
  @WholeNumber(5, 86_400)
  intervalSeconds = 600;

  @ListOf(INTERVAL, INTERVALS)
  intervals: string[] = [];

  /** A poll that takes longer has failed. */
  @WholeNumber(1, 86_400)
  pollTimeoutSeconds = 300;

  /** Polls that go on at a time in one process. */
  @WholeNumber(1, 64)
  pollsAtATime = 4;

  /** How long nobody polls a source at most after its driver hung. */
  @WholeNumber(500, 600_000, ' milliseconds: the longest that nobody polls a source after its driver hung')
  leaseTtlMs = 10_000;

  /** An answer that takes longer has failed. */
  @WholeNumber(1, 3600)
  requestTimeoutSeconds = 60;

  @WholeNumber(1, 1024)
  answerMegabytesMax = 64;

  /** A folder of YAML files in Vitrage's format of static datasources. */
  @OptionalPath()
  staticFolder?: string;

  @IsOptional()
  @HttpUrl()
  alertmanagerUrl?: string;

  /** Sent to Alertmanager as it is. */
  @Secret()
  alertmanagerAuthorization = '';
}

/** The cloud that is polled, and as whom. */
export class OpenstackSettings {
  /** Keystone's address; without it no OpenStack is polled. */
  @IsOptional()
  @HttpUrl()
  authUrl?: string;

  @Text()
  username = 'wherefore';

  @Secret()
  password = '';

  @Text()
  projectName = 'admin';

  @Text()
  userDomainName = 'Default';

  @Text()
  projectDomainName = 'Default';

  /** With it, and its secret, neither user nor project is asked for. */
  @OptionalText()
  applicationCredentialId?: string;

  @Secret()
  applicationCredentialSecret = '';

  @OneOf(INTERFACES)
  interface: (typeof INTERFACES)[number] = 'public';

  /** Empty: all that the catalogue lists. */
  @ListOf(/^\S+$/, 'a list of regions such as RegionOne')
  regions: string[] = [];

  /** Of which owners ports are entities. */
  @OneOf(PORT_OWNERS)
  portOwners: (typeof PORT_OWNERS)[number] = 'compute';

  /** Rows that are asked for at a time. */
  @WholeNumber(10, 10_000)
  pageRows = 500;

  /** PEM files: authorities that are trusted instead of the machine's, and who we are. */
  @OptionalPath()
  caFile?: string;

  @OptionalPath()
  certFile?: string;

  @OptionalPath()
  keyFile?: string;

  @IsBoolean({ message: 'true, or false to take any certificate' })
  verifyCertificates = true;
}
