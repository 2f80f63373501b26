using System.CommandLine;
using System.CommandLine.Parsing;
using StreamLearn.Tables;

namespace Tool;

/// <summary>The options that a command line has, in the order of the command.</summary>
internal sealed class Given(IReadOnlyList<(string Option, string Value)> options)
{
    internal static Given Of(SymbolResult result, IEnumerable<Option> options) => new(
        [.. from option in options
            let given = result.GetResult(option)
            where given is { Implicit: false }
            select (option.Name, string.Join(' ', given.Tokens.Select(static t => t.Value)))]);

    internal bool HasRows => First(["--csv", "--arrow"]) is not null;

    internal bool Has(string option, string? value = null) => options.Any(g => g.Option == option
        && (value is null || string.Equals(g.Value, value, StringComparison.OrdinalIgnoreCase)));

    /// <summary>Null: none of them.</summary>
    internal string? First(IReadOnlyCollection<string> names) => options.Select(static g => g.Option).FirstOrDefault(names.Contains);

    /// <summary>As a shell takes them.</summary>
    internal string Text(params ReadOnlySpan<string> names)
    {
        List<string> words = [];
        foreach (var (option, value) in options)
        {
            if (names.Contains(option)) { words.Add(value.Length == 0 ? option : $"{option} {OwnColumns.Quoted(value)}"); }
        }

        return string.Join(' ', words);
    }

    /// <summary>Adds options to a command, and the rule that says which go together; null: all is well.</summary>
    internal static void Add(Command command, IReadOnlyList<Option> options, Func<Given, string?> rule)
    {
        foreach (var option in options)
        {
            if (command.Options.All(o => o.Name != option.Name)) { command.Add(option); }     // else the program has one of that name
        }

        command.Validators.Add(result =>
        {
            if (result.Errors.Any() || options.Any(o => result.GetResult(o)?.Errors.Any() == true)) { return; }
            if (rule(Of(result, options)) is { } problem) { result.AddError(problem); }
        });
    }
}
