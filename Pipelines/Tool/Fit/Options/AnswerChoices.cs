using System.CommandLine;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Rows of files that a saved model answers. <paramref name="Answers"/>: null for standard output. <paramref name="Bound"/>: share
/// of the answers whose set contains the true class; null for none.</summary>
internal sealed record AnswerChosen(TableOptions Look, FileInfo Answer, FileInfo? Answers, double? Bound, bool Follow);

internal sealed class AnswerChoices
{
    private readonly RowChoices _rows = new();

    private readonly Argument<string> _saved = new("model") { Description = "The file of a saved model." };

    private readonly Option<bool> _follow = new("--follow") { Description = "Keep answering as the file grows; with --csv." };

    private readonly Option<double?> _bound = Numbers.Optional(
        "--bound", "Write the classes of which one is right, or the bounds of a value, for this share of the windows of devices that "
            + "nobody learned from: 0.9. The model has to be of fit --bound.",
        0.5, 0.999);

    private readonly Option<FileInfo?> _out = new("--out")
    {
        Description = "A file for the answers, named .csv, .arrow, .feather or .arrows. Default: lines on standard output.",
        CustomParser = static result =>
        {
            if (result.Tokens[0].Value is { Length: > 0 } name) { return new(name); }
            result.AddError("--out: expected a file, got ''");
            return null;
        },
    };

    internal void AddTo(Command command)
    {
        _saved.Check(Choices.NotEmpty);
        command.Add(_saved);
        Given.Add(command, [.. _rows.ToAnswer, _bound, _follow, _out], OptionRules.OfAnswer);
    }

    internal AnswerChosen Of(ParseResult result)
    {
        var look = RowChoices.WithTime(_rows.Of(result), result) with { TakesAll = true };
        return new(look, new(result.GetRequiredValue(_saved)), result.GetValue(_out), result.GetValue(_bound), result.GetValue(_follow));
    }
}
