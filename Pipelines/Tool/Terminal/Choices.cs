using System.CommandLine;
using System.CommandLine.Parsing;

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

    internal static string? NotEmpty(string text) => text.Length > 0 ? null : "expected a name, got an empty one";

    internal static bool Has(this SymbolResult result, Option option) => result.GetResult(option) is { Implicit: false };
}
