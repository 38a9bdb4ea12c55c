import { type PlannedCase, readCommandLine } from '../../bench/commandLine';

const PLAN: readonly PlannedCase[] = [
  { name: 'topology', sizes: ['1k', '10k'], about: 'a cloud is built' },
  { name: 'alarms', sizes: ['1k', '10k'], about: 'alarms raised and cleared' },
  { name: 'why', sizes: ['10k'], about: 'questions about the past' },
];
const SIZES = ['1k', '10k', '1M'];

function read(...args: string[]) {
  return readCommandLine(args, PLAN, SIZES);
}

function planned(...args: string[]): string[] {
  const command = read(...args);
  if (command.kind !== 'run') throw new Error(JSON.stringify(command));
  return command.plan.map(({ name, sizes }) => `${name} ${sizes.join(' ')}`);
}

function refusal(...args: string[]): string {
  const command = read(...args);
  return command.kind === 'refused' ? command.text.split('\n')[0]! : command.kind;
}

describe('the command line of the benchmark', () => {
  it('runs the whole plan when nothing is said', () => {
    expect(planned()).toEqual(['topology 1k 10k', 'alarms 1k 10k', 'why 10k']);
  });

  it('runs the cases of a list, in the order of the plan', () => {
    expect(planned('--only', 'why,topology')).toEqual(['topology 1k 10k', 'why 10k']);
    expect(planned('--only', 'why', '--only=topology')).toEqual(['topology 1k 10k', 'why 10k']);
  });

  it('runs at the sizes of a list, and leaves out what is not measured at them', () => {
    expect(planned('--sizes', '1k')).toEqual(['topology 1k', 'alarms 1k']);
    expect(planned('--only', 'alarms', '--sizes', '10k')).toEqual(['alarms 10k']);
  });

  it('says where figures go, and in which form', () => {
    expect(read('--json', 'figures.json', '--markdown')).toMatchObject({
      kind: 'run',
      jsonFile: 'figures.json',
      isMarkdown: true,
    });
    expect(read('--only', 'why')).toMatchObject({ jsonFile: undefined, isMarkdown: false });
  });

  it('measures one case at any size in the process itself', () => {
    expect(read('--case', 'alarms', '1M')).toEqual({ kind: 'case', name: 'alarms', size: '1M' });
  });

  it('shows the cases with their sizes for --help, whatever stands beside it', () => {
    for (const args of [['--help'], ['-h'], ['--only', 'nothing', '--help']]) {
      const command = read(...args);
      expect(command.kind).toBe('help');
      for (const { name, sizes, about } of PLAN) {
        expect(command).toMatchObject({
          text: expect.stringMatching(new RegExp(`${name} +${sizes.join(', ')} +${about}`)),
        });
      }
    }
  });

  it.each([
    [['--onyl', 'why'], "Unknown option '--onyl'. Options: --only, --sizes, --json, --markdown, --case, --help."],
    [
      ['--only'],
      "Option '--only <value>' argument missing. Options: --only, --sizes, --json, --markdown, --case, --help.",
    ],
    [
      ['--markdown=yes'],
      "Option '--markdown' does not take an argument. Options: --only, --sizes, --json, --markdown, --case, --help.",
    ],
    [['--only', 'why,nix,nada'], 'There is no case "nix", "nada". There is: topology, alarms, why.'],
    [['--only', 'why,'], '--only takes names with commas between, none of them empty.'],
    [['--sizes', '2k'], 'There is no size "2k". There is: 1k, 10k.'],
    [['--only', 'why', '--sizes', '1k'], 'Nothing of this is measured at 1k: why at 10k.'],
    [['why'], '"why" stands alone: --only "why"?'],
    [['--case', 'why'], '--case takes a name and one size: --case topology 10k.'],
    [['--case', 'why', '1k', '10k'], '--case takes a name and one size: --case topology 10k.'],
    [['--case', 'nix', '1k'], 'There is no case "nix". There is: topology, alarms, why.'],
    [['--case', 'why', '2k'], 'There is no size "2k". There is: 1k, 10k, 1M.'],
    [['--case', 'why', '1k', '--json', 'f'], '--case prints JSON and takes no --json beside it.'],
  ])('refuses %j, and says what there is', (args, message) => {
    expect(refusal(...args)).toBe(message);
    expect(read(...args)).toMatchObject({
      text: expect.stringContaining('"npm run bench -- --help" shows what there is.'),
    });
  });
});
