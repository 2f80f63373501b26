using StreamLearn.Tables;

namespace Tool;

/// <summary>Rows of files that a saved model answers. Null <paramref name="Answers"/>: standard output. <paramref name="Bound"/>: share of
/// the answers whose set holds the right class; null: none.</summary>
internal sealed record AnswerChosen(RowsChosen From, FileInfo Answer, FileInfo? Answers, double? Bound, bool Follow)
{
    internal string? Csv => From.Csv;

    internal LookOptions Look => From.Look with { TakesAll = true };

    internal string RowsOption => Look.RowsOption;
}
