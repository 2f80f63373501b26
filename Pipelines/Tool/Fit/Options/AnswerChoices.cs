using System.CommandLine;

namespace Tool;

/// <summary>The options of <c>answer</c> of files.</summary>
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
        command.Add(_saved);
        Given.Add(command, [.. _rows.ToAnswer, _bound, _follow, _out], OptionRules.OfAnswer);
    }

    internal AnswerChosen Of(ParseResult result)
    {
        var rows = _rows.Of(result);
        // row times, t:ms, have the same meaning for files
        var columns = result.GetValue<string?>("--time") is { } time && time.LastIndexOf(':') is > 0 and var at
            ? rows.Columns with { Time = time[..at], TimeFormat = time[(at + 1)..] } : rows.Columns;
        return new(rows with { Columns = columns }, new(result.GetRequiredValue(_saved)), result.GetValue(_out), result.GetValue(_bound),
            result.GetValue(_follow));
    }
}
