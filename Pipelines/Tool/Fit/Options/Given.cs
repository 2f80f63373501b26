using System.CommandLine;
using System.CommandLine.Parsing;

namespace Tool;

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

    /// <summary>Returns the first option given; null if none is.</summary>
    internal string? First(IReadOnlyCollection<string> names) => options.Select(static g => g.Option).FirstOrDefault(names.Contains);

    /// <summary>Adds options to a command, and the rule that says which can be combined; the rule returns null if there is no
    /// error.</summary>
    internal static void Add(Command command, IReadOnlyList<Option> options, Func<Given, string?> rule)
    {
        foreach (var option in options)
        {
            if (command.Options.All(o => o.Name != option.Name)) { command.Add(option); }     // otherwise the program has one of this name
        }

        command.Check(result => rule(Of(result, options)));
    }
}
