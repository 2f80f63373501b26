using System.CommandLine;

namespace StreamLearn.Programs;

internal sealed record InitOptions(IReadOnlyList<Option> Options, Func<ParseResult, Task<string?>> Write);
