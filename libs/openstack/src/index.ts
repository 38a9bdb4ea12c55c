export { Catalogue, type EndpointInterface, type ServiceName } from './catalogue';
export { CloudClient, type CloudQuestion, type CloudSettings, type CloudWatch } from './cloudClient';
export { HeldToken, type IssuedToken } from './heldToken';
export { HttpClient, type HttpAnswer, type HttpRequest, type HttpSettings, type TlsSettings } from './httpClient';
export { type Credentials, type Named, readToken, type TokenFacts, tokenRequest } from './identity';
export { type Patience, pauseMs, retryAfterMs } from './patience';
