using System.CommandLine;
using System.CommandLine.Parsing;
using StreamLearn.Programs;

namespace Tool;

internal static class Choices
{
    internal const string StandardInput = "-";

    internal static Option<string> Word(string name, string description, params string[] words)
    {
        Option<string> option = new(name) { Description = description, DefaultValueFactory = _ => words[0] };
        option.AcceptOnlyFromAmong(words);
        return option;
    }

    internal static Option<string> Lines() => Word("--output", "text: for a person; jsonl: a JSON object a line.", "text", "jsonl");

    internal static Option<bool> Json() => new("--json") { Description = "Print JSON instead of a table." };

    internal static Option<string?> Existing(string name, string description)
    {
        Option<string?> option = new(name) { Description = description, HelpName = "file" };
        option.Check(text => File.Exists(text) ? null : $"expected a file, got '{text}'");
        return option;
    }

    /// <summary>Adds a check of the value; <paramref name="problem"/> returns null of a valid one.</summary>
    internal static void Check(this Option option, Func<string, string?> problem) => option.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && problem(token.Value) is { } text) { result.AddError($"{option.Name}: {text}"); }
    });

    internal static void Check(this Argument argument, Func<string, string?> problem) => argument.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && problem(token.Value) is { } text) { result.AddError($"{argument.Name}: {text}"); }
    });

    /// <summary>Adds a check of options that are valid by themselves; <paramref name="problem"/> returns null of those that go
    /// together.</summary>
    internal static void Check(this Command command, Func<CommandResult, string?> problem) => command.Validators.Add(result =>
    {
        if (result.Errors.Any() || result.Children.Any(static c => c.Errors.Any())) { return; }
        if (problem(result) is { } text) { result.AddError(text); }
    });

    /// <summary>Reads seconds, or a duration with its unit; adds an error of anything else. <paramref name="also"/>: what else is
    /// valid.</summary>
    internal static double? Seconds(ArgumentResult result, string name, double least, double most, string also = "")
    {
        var text = result.Tokens[0].Value;
        var spelled = text.Replace(" ", "", StringComparison.Ordinal).Replace("min", "m", StringComparison.Ordinal);
        if (!double.TryParse(text, CultureInfo.InvariantCulture, out var seconds) && Quantity.Duration(spelled, out var time) is null)
        {
            seconds = time.TotalSeconds;
        }

        if (seconds >= least && seconds <= most) { return seconds; }
        result.AddError(FormattableString.Invariant($"{name}: expected seconds, {least:0.######} to {most}, or a duration such as 90s, ")
            + $"30min or 6h{also}, got '{text}'");
        return null;
    }

    internal static string? NotEmpty(string text) => text.Length > 0 ? null : "expected a name, got an empty one";

    internal static bool Has(this SymbolResult result, Option option) => result.GetResult(option) is { Implicit: false };
}
