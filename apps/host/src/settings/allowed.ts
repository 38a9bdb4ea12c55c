import { isIP } from 'node:net';
import { Transform } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsOptional, IsString, Matches, Max, Min, MinLength, ValidateBy } from 'class-validator';
import { IsList, IsPath, IsPlainText, IsSecret } from './marks';

/** What settings may be. Each has one message: what is allowed. Key and value are put before it. */

const TEXT = { message: 'a text that is not empty' };
const PATHS = { message: 'a path, or a list of paths' };

function all(...decorators: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, key) => {
    // As the compiler does: the one nearest to the property first.
    for (const decorate of [...decorators].reverse()) decorate(target, key);
  };
}

/** From `min` to `max`, both included. `meaning` is said after the bounds. */
export function WholeNumber(min: number, max: number, meaning = ''): PropertyDecorator {
  const allowed = { message: `a whole number from ${min} to ${max}${meaning}` };
  return all(IsInt(allowed), Min(min, allowed), Max(max, allowed));
}

export function Port(): PropertyDecorator {
  const allowed = { message: 'a whole number from 0 (any free port) to 65535' };
  return all(IsInt(allowed), Min(0, allowed), Max(65_535, allowed));
}

export function Text(): PropertyDecorator {
  return all(IsPlainText(), IsString(TEXT), MinLength(1, TEXT));
}

/** Of these words. */
export function OneOf(words: readonly string[]): PropertyDecorator {
  return IsIn(words, { message: `one of ${words.join(', ')}` });
}

/** A text that is never shown; empty where there is none. */
export function Secret(): PropertyDecorator {
  return all(IsSecret(), IsString(TEXT));
}

/** A text of that shape, which `allowed` describes. */
export function Shaped(pattern: RegExp, allowed: string): PropertyDecorator {
  return Matches(pattern, { message: allowed });
}

/** A list of texts of that shape; a single text is a list of one. */
export function ListOf(pattern: RegExp, allowed: string): PropertyDecorator {
  return all(
    IsList(),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? [value] : value)),
    IsArray({ message: allowed }),
    Matches(pattern, { message: allowed, each: true }),
  );
}

export function OptionalPath(): PropertyDecorator {
  return all(IsPath(), IsOptional(), IsString(TEXT), MinLength(1, TEXT));
}

export function OptionalText(): PropertyDecorator {
  return all(IsOptional(), Text());
}

export function Paths(): PropertyDecorator {
  const each = { ...PATHS, each: true };
  return all(
    IsPath(),
    IsList(),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? [value] : value)),
    IsArray(PATHS),
    IsString(each),
    MinLength(1, each),
  );
}

/** A list of networks such as `10.0.0.0/8` or `fd00::/8`, and of single addresses. */
export function Networks(): PropertyDecorator {
  const allowed = { message: 'a network such as 10.0.0.0/8 or fd00::/8, an address, or a list of them' };
  return all(
    IsList(),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? [value] : value)),
    IsArray(allowed),
    ValidateBy({ name: 'isNetwork', validator: { validate: isNetwork } }, { ...allowed, each: true }),
  );
}

function isNetwork(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  const [address, prefix, ...more] = value.split('/');
  const version = isIP(address!);
  if (version === 0 || more.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128));
}

const HTTP_URL = /^https?:\/\/[^\s?#]+[^\s?#/]$/;
const HTTP_ALLOWED = 'an address such as http://controller:5000/v3, without a slash at its end';

export function HttpUrl(): PropertyDecorator {
  return Shaped(HTTP_URL, HTTP_ALLOWED);
}
