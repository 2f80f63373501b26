using StreamLearn.Formats;
using StreamLearn.Tables;

namespace Tool;

/// <summary>What a command line says of the form of live rows.</summary>
internal sealed record LiveForm(CsvForm Said, bool? HasComma, IReadOnlyList<string> Names)
{
    /// <summary>Returns the form; what is not said is as in <paramref name="like"/>, the form of the rows learned from.</summary>
    internal CsvOptions Over(CsvOptions? like, bool beginsInside)
    {
        like ??= new();
        var delimiter = Said.Delimiter ?? like.Delimiter;
        if (HasComma == true && delimiter == ',')
        {
            throw new ProgramException("--decimal: expected --delimiter, another than a comma, with it", ExitCode.BadCommandLine);
        }

        return new()
        {
            Delimiter = delimiter,
            DecimalComma = HasComma ?? (like.DecimalComma && delimiter != ','),
            Encoding = Said.Encoding ?? like.Encoding,
            Comment = Said.Comment ?? like.Comment,
            Missing = [.. like.Missing, .. Said.Missing],
            Header = Names.Count == 0 && (Said.NumbersAreNames || (Said.Header && like.Header && !beginsInside)),
            Names = Names,
        };
    }
}
